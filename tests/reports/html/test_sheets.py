from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sekisho.reports.base import Column, Options, Sheet
from sekisho.reports.html.sheets import cell, render_sheets
from sekisho.reports.units import Times


def test_a_page_of_tables_is_whole_and_escaped(parse: Callable[[str], Any]) -> None:
    sheets = (
        Sheet(
            "row",
            "<Rows>",
            (Column("a", "A&"), Column("n", "N", "count")),
            [("<script>x</script>", 1200)],
        ),
        Sheet("none", "Empty", (Column("a", "A"),), (), "None <at> all."),
    )
    now = datetime(2020, 7, 1, tzinfo=UTC)
    text = render_sheets("<h>", sheets, ("<n>",), Options(title="<t>", now=now))
    read = parse(text)
    assert read.wrong == []
    assert read.of("script") == []
    assert "script-src 'none'" in read.of("meta")[1]["content"]
    for words in ("<script>x</script>", "1,200", "None <at> all.", "<n>", "Made 2020-07-01 00:00 UTC."):
        assert words in read.text


def test_cells_of_every_type() -> None:
    at = datetime(2020, 6, 1, 4, 5, tzinfo=UTC)
    column = Column("x", "X", "bytes")
    values = (None, "", True, at, 1_000_000, 2.25, "x")
    assert [cell(column, value, Times()) for value in values] == [
        "–", "–", "yes", "2020-06-01 04:05", "1.0 MB", "2.2", "x",
    ]  # fmt: skip
