from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

from sekisho.audit.compare import AuditDiff, compare
from sekisho.model.findings import AuditDocument, Life, rfc3339
from sekisho.reports.base import Options
from sekisho.reports.registry import render


@pytest.fixture
def difference(audit: AuditDocument) -> AuditDiff:
    kept = audit.findings[1].model_copy(update={"severity": "critical", "flows": 99})
    policy = audit.policy.model_copy(update={"sha256": "6f" * 32})
    later = audit.model_copy(update={"findings": (kept, *audit.findings[2:]), "policy": policy})
    earlier = audit.model_copy(update={"findings": audit.findings[:-1]})
    return compare(earlier, later)


def text(difference: AuditDiff, format_name: str) -> str:
    stream = io.StringIO()
    render(difference, format_name, stream, Options())
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def test_on_a_terminal(difference: AuditDiff, golden: Callable[[str, str], None]) -> None:
    golden("difference.txt", text(difference, "table"))


def test_csv_says_what_happened_to_each(difference: AuditDiff) -> None:
    rows = list(csv.reader(io.StringIO(text(difference, "csv"))))
    assert [row[0] for row in rows] == ["change", "new", "gone", "changed"]


def test_lines_begin_with_the_comparison(difference: AuditDiff) -> None:
    lines = [json.loads(line) for line in text(difference, "jsonl").splitlines()]
    assert [line["record"] for line in lines] == ["difference", "new", "gone", "changed"]


def test_no_change_is_a_sentence(audit: AuditDocument) -> None:
    assert text(compare(audit, audit), "table") == "No finding is new, gone or changed.\n"


def test_a_life_in_words(audit: AuditDocument) -> None:
    until = audit.findings[0].last_seen
    life = Life(status="accepted", who="aiko", why="printers", until=until, assignee="ken")
    later = audit.findings[0].model_copy(update={"life": life})
    shown = " ".join(
        text(
            compare(audit, audit.model_copy(update={"findings": (later, *audit.findings[1:])})), "table"
        ).split()
    )
    assert f"accepted by aiko until {rfc3339(until)} (printers), with ken" in shown
    assert '{"' not in shown
