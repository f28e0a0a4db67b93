from __future__ import annotations

from pathlib import Path

from sekisho.intel.base import Columns, Given
from sekisho.intel.readers.plain import PlainList
from sekisho.model.indicators import IndicatorKind


def test_a_value_a_line_without_comments(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("# head\n45.9.148.3\n\n45.9.148.0/24 ; SBL1\n http://evil.example/#part # why\n")
    found = [one.value for one in PlainList().read(file, Columns()) if isinstance(one, Given)]
    assert found == ["45.9.148.3", "45.9.148.0/24", "http://evil.example/#part"]


def test_all_are_what_the_register_says(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("d41d8cd98f00b204e9800998ecf8427e\n")
    (one,) = PlainList().read(file, Columns(all_are=IndicatorKind.JA3))
    assert isinstance(one, Given)
    assert one.kind is IndicatorKind.JA3
