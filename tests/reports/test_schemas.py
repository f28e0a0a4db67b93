from __future__ import annotations

import os
from pathlib import Path

from sekisho.reports.schemas import DOCUMENTS, schemas, text_of, word_of, write_schemas

PUBLISHED = Path(__file__).parents[2] / "docs" / "reference" / "schemas"


def test_published_schemas_are_those_of_the_code() -> None:
    if os.environ.get("UPDATE_GOLDEN") == "1":
        write_schemas(PUBLISHED)
    expected = {f"{name}.json": text_of(schema) for name, schema in schemas().items()}
    found = {path.name: path.read_text(encoding="utf-8") for path in PUBLISHED.glob("*.json")}
    assert found == expected, "run make update-golden, then review the change of contract"


def test_every_document_says_what_it_is_and_may_grow() -> None:
    assert len({word_of(document) for document in DOCUMENTS}) == len(DOCUMENTS) == len(schemas())
    for name, schema in schemas().items():
        assert "schema" in schema["required"], name
        assert '"additionalProperties": false' not in text_of(schema), name


def test_times_are_date_times() -> None:
    span = schemas()["audit-1"]["$defs"]["Span"]["properties"]["from"]
    assert {"type": "string", "format": "date-time"}.items() <= span["anyOf"][0].items()


def test_writing_removes_what_is_no_schema_any_more(tmp_path: Path) -> None:
    (tmp_path / "old-1.json").write_text("{}")
    written = write_schemas(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in written}
