from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.sources.registry import READERS, by_name, detect


def test_a_reader_is_found_by_its_name_and_a_wrong_name_lists_the_choices() -> None:
    assert all(by_name(reader.name) is reader for reader in READERS)
    with pytest.raises(RequestError) as refused:
        by_name("zeek")
    assert all(reader.name in str(refused.value.mend) for reader in READERS)


@pytest.mark.parametrize("head", [b"", b"\n", b"\x00\x01\x02", b"hello\n", b"<xml/>", b"a,b\n1,2\n"])
def test_what_nobody_knows_has_no_reader(head: bytes) -> None:
    assert detect(head) is None


def test_a_mapping_makes_a_csv_known() -> None:
    head = b"t,a,b,p\n1709251200,10.0.0.1,10.0.0.2,6\n"
    mapping = {"columns": {"start": "t", "src": "a", "dst": "b", "protocol": "p"}}
    assert detect(head) is None
    found = detect(head, mapping)
    assert found is not None
    assert found.name == "generic-csv"


def test_every_reader_has_its_section_in_the_reference() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "readers.md"
    headings = [line[3:] for line in page.read_text("utf-8").splitlines() if line.startswith("## ")]
    assert sorted(headings) == sorted(reader.name for reader in READERS)
