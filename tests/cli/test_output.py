from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from sekisho.cli.output import Format, PrintedFormat, write, write_text
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


def test_a_page_to_print(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    write(Session(quiet=True), REPORT, PrintedFormat.PDF, out)
    (page,) = PdfReader(out).pages
    assert all(word in page.extract_text() for word in ("Two.", "one", "two"))
    with pytest.raises(RequestError, match="a PDF is a file"):
        write(Session(quiet=True), REPORT, PrintedFormat.PDF)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot write"):
        write(Session(quiet=True), REPORT, Format.CSV, tmp_path / "no" / "out.csv")


def test_text_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_text(Session(quiet=True), "é\r\n")
    assert capsys.readouterr().out == "é\r\n"
    write_text(Session(quiet=True), "é\r\n", tmp_path / "a.ics")
    assert (tmp_path / "a.ics").read_bytes() == "é\r\n".encode()
    with pytest.raises(RequestError, match="it is a folder"):
        write_text(Session(quiet=True), "x", Path())


def test_the_settings_say_in_which_zone_and_of_whom(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (company / "sekisho.toml").write_text('name = "Acme"\ntimezone = "Asia/Tokyo"\n')
    at = datetime(2020, 6, 10, 16, 2, tzinfo=UTC)
    report = Report("One.", (Sheet("row", "", (Column("at", "At", "time"),), [(at,)]),))
    write(Session(company), report, Format.TABLE)
    assert "2020-06-11 01:02" in capsys.readouterr().out
    write(Session(company), report, Format.CSV)
    assert "2020-06-10T16:02" in capsys.readouterr().out, "machines read UTC"
    write(Session(company), report, Format.HTML)
    assert "<title>Acme: Sekisho</title>" in capsys.readouterr().out
