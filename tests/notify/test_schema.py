from __future__ import annotations

from importlib.resources import files

from jsonschema import Draft202012Validator

from sekisho.inventory.documents import read_document
from sekisho.notify.reading import FOLDER, shipped
from sekisho.notify.schema import obligation_schema


def test_editors_accept_what_we_ship_and_say_what_is_wrong() -> None:
    schema = Draft202012Validator(obligation_schema())
    for one in shipped():
        content = (files("sekisho.notify") / FOLDER / one.file).read_bytes()
        document, problems = read_document(one.file, content)
        assert problems == ()
        assert document.root is not None
        plain = document.root.plain()
        plain |= {k: v == "true" for k, v in plain.items() if k == "enabled"}
        plain |= {k: int(v) for k, v in plain.items() if k == "version"}
        for stage in plain["stages"].values():
            if "from_year_end" in stage:
                stage["from_year_end"] = True
        assert [error.message for error in schema.iter_errors(plain)] == []
        assert list(schema.iter_errors(plain | {"titel": "x"}))
