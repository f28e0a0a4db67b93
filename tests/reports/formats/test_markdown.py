from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

from sekisho.audit.record import make_record
from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Column, Options, Report, Sheet
from sekisho.reports.formats.markdown import quoted, write
from sekisho.reports.views.record import RecordView
from sekisho.reports.views.report import ReportView


def test_a_record_is_filed_as_markdown(
    audit: AuditDocument, golden: Callable[[str, str], None]
) -> None:
    at = datetime(2020, 7, 1, tzinfo=UTC)
    record = make_record(
        audit, name="2020-Q2", by="tanaka", at=at, sites=["jp-hq"], sensors=["jp-zeek"]
    )
    stream = io.StringIO()
    write(RecordView(), record, stream, Options(title="Audit record"))
    golden("record.md", stream.getvalue())


def test_input_is_no_markup() -> None:
    stream = io.StringIO()
    sheet = Sheet(
        "row", "R", (Column("a", "A"), Column("b", "B", "count")), [("a|b <img src=x> [x](y)", 1200)]
    )
    write(ReportView(), Report("# no *heading*", (sheet,), ("`n`",)), stream, Options())
    text = stream.getvalue()
    assert r"a\|b \<img src=x\> \[x\](y)" in text
    assert r"\# no \*heading\*" in text
    assert "| --- | --: |" in text
    assert r"- \`n\`" in text


def test_a_newline_cannot_begin_a_block() -> None:
    assert quoted("a\n# b") == r"a\\x0a\# b" or quoted("a\n# b") == r"a\x0a\# b"
