from __future__ import annotations

import io

from sekisho.reports.base import Column, Options, Report, Sheet
from sekisho.reports.formats.html import write
from sekisho.reports.views.report import ReportView


def test_what_has_no_page_of_its_own_is_a_page_of_tables() -> None:
    stream = io.StringIO()
    sheet = Sheet("row", "Rows", (Column("a", "A"),), [("<script>",)])
    write(ReportView(), Report("One row.", (sheet,)), stream, Options(title="工場"))
    assert "&lt;script&gt;" in stream.getvalue()
    assert '<h1 class="headline">One row.</h1>' in stream.getvalue()


def test_what_the_stream_cannot_encode_is_a_character_reference() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    write(ReportView(), Report("工"), stream, Options())
    stream.flush()
    assert b"&#24037;" in raw.getvalue()
