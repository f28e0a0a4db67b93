from __future__ import annotations

from pathlib import Path

import pytest

from sekisho.cli.output import Format, write
from sekisho.cli.session import Session
from sekisho.errors import RequestError
from sekisho.reports.base import Column, Report, Sheet

REPORT = Report("Two.", (Sheet("row", "", (Column("a", "A"),), [("one",), ("two",)]),))


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    write(Session(quiet=True), REPORT, Format.CSV, out)
    assert out.read_text().split() == ["a", "one", "two"]
    with pytest.raises(TypeError):
        write(Session(quiet=True), object(), Format.CSV, out)
    assert out.read_text().split() == ["a", "one", "two"]
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot write"):
        write(Session(quiet=True), REPORT, Format.CSV, tmp_path / "no" / "out.csv")
