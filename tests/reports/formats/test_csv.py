from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Cell, Column, Options, Report, Sheet
from sekisho.reports.formats.csv import field, write
from sekisho.reports.view import View
from sekisho.reports.views.audit import AuditView
from sekisho.reports.views.report import ReportView


def written(view: View[object], document: object) -> list[list[str]]:
    stream = io.StringIO()
    write(view, document, stream, Options())
    return list(csv.reader(io.StringIO(stream.getvalue())))


def test_every_finding_is_a_row_with_every_field(audit: AuditDocument) -> None:
    header, *rows = written(AuditView(), audit)  # type: ignore[arg-type]
    assert [row[0] for row in rows] == [finding.id for finding in audit.findings]
    first = dict(zip(header, rows[0], strict=True))
    assert first["src_address"] == audit.findings[0].src.address
    assert first["onset_at"] == "2020-06-01T00:00:00.000000Z"
    assert first["bytes_out_low"] == str(audit.findings[0].bytes_out.low)
    assert first["nearest_rule"] == "TH-HQ-EDI"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\t=1", r"'\x09=1"),
        ("\r=1", r"'\x0d=1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("\x1b[2J", r"\x1b[2J"),
        (-5, "-5"),
        (None, ""),
        (True, "true"),
        (1.5, "1.5"),
        (datetime(2020, 6, 1, tzinfo=UTC), "2020-06-01T00:00:00.000000Z"),
    ],
)
def test_no_field_is_a_formula(value: Cell, text: str) -> None:
    assert field(value) == text


def test_quotes_commas_and_newlines_stay_in_their_field() -> None:
    report = Report("", (Sheet("row", "", (Column("a", "A"), Column("b", "B")), [('x","y\nz', "w")]),))
    assert written(ReportView(), report) == [["a", "b"], [r'x","y\x0az', "w"]]  # type: ignore[arg-type]
