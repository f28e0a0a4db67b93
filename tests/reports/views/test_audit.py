from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from sekisho.model.findings import AuditDocument, CoverageItem
from sekisho.reports.base import Options
from sekisho.reports.inventory import InventorySummary
from sekisho.reports.registry import render
from sekisho.reports.views.audit import AuditView, causes_sheet, links_sheet

Golden = Callable[[str, str], None]


def text(document: AuditDocument, format_name: str = "table", **options: object) -> str:
    stream = io.StringIO()
    render(document, format_name, stream, replace(Options(), **options))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def test_on_a_terminal(audit: AuditDocument, golden: Golden) -> None:
    golden("audit.txt", text(audit))


def test_in_plain_ascii(audit: AuditDocument, golden: Golden) -> None:
    golden("audit-ascii.txt", text(audit, plain_ascii=True))


@pytest.mark.parametrize("format_name", ["csv", "jsonl", "json"])
def test_for_machines(audit: AuditDocument, golden: Golden, format_name: str) -> None:
    golden(f"audit.{format_name}", text(audit, format_name))


def test_nothing_found_and_nothing_recorded_differ(
    build_audit: Callable[..., AuditDocument],
    full_coverage: tuple[CoverageItem, ...],
    gaps: tuple[CoverageItem, ...],
    golden: Golden,
) -> None:
    golden("audit-clear.txt", text(build_audit((), full_coverage)))
    golden("audit-partly.txt", text(build_audit((), gaps)))


def test_all_of_it_fits_80_columns(many: Callable[[int], AuditDocument]) -> None:
    assert max(len(line) for line in text(many(60)).splitlines()) <= 80


def test_a_limit_says_how_many_more(many: Callable[[int], AuditDocument]) -> None:
    assert "and 50 more; the other formats give all" in text(many(60), limit=10)


def test_the_page_takes_title_time_and_inventory(
    audit: AuditDocument, inventory_summary: InventorySummary, now: datetime
) -> None:
    options = Options(title="June", now=now, inventory_summary=inventory_summary)
    page = AuditView().page(audit, options)
    assert "<title>June</title>" in page
    assert "Rayong plant" in page
    assert "2020-07-01 09:30" in page


def test_the_sheets_hold_what_the_page_draws(audit: AuditDocument) -> None:
    assert [row[1] for row in causes_sheet(audit).rows] == [3, 3]
    link = dict(
        zip((c.key for c in links_sheet(audit).columns), links_sheet(audit).rows[0], strict=True)
    )
    assert link["connections"] == sum(
        int(link[v] or 0)  # type: ignore[call-overload]
        for v in (
            "authorized",
            "unauthorized",
            "lapsed",
            "attempted",
            "intra_site",
            "external",
            "unmapped",
        )
    )
