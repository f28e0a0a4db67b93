from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.audit.record import AuditRecord, coverage_summary, make_record
from sekisho.model.findings import (
    AuditDocument,
    CoverageItem,
    Finding,
    Life,
    PolicyVersion,
    Span,
    Totals,
)

START = datetime(2024, 3, 1, tzinfo=UTC)


def items() -> tuple[CoverageItem, ...]:
    rows: list[dict[str, Any]] = [
        {"sensor": "b", "from": START, "to": START + timedelta(hours=3), "state": "seen"},
        {"sensor": "b", "from": START, "to": START + timedelta(minutes=30), "state": "no_data"},
        {"sensor": "a", "from": START, "to": START + timedelta(hours=1), "state": "quiet"},
    ]
    return tuple(CoverageItem(**row) for row in rows)


@pytest.fixture
def document(make_finding: Callable[..., Finding]) -> AuditDocument:
    accepted = Life(
        status="accepted", who="anong", why="CHG-9", until=START + timedelta(days=30), at=START
    )
    window: dict[str, Any] = {"from": START, "to": START + timedelta(days=1)}
    return AuditDocument(
        window=Span(**window),
        policy=PolicyVersion(sha256="ab", rules=3),
        inventory="cd",
        totals=Totals(
            flows=9,
            connections=4,
            authorized=2,
            unauthorized=2,
            lapsed=0,
            attempted=0,
            intra_site=0,
            external=0,
            unmapped=0,
        ),
        findings=(make_finding(severity="high"), make_finding(port=22, life=accepted)),
        coverage=items(),
    )


def test_a_record_fixes_what_was_judged_and_by_what(document: AuditDocument) -> None:
    record = make_record(
        document,
        name="2024-Q1",
        by="tanaka",
        at=START,
        sites=["th", "jp"],
        sensors=["b", "a"],
    )
    assert record.population.model_dump() == {
        "sites": ("jp", "th"),
        "sensors": ("a", "b"),
        "connections": 4,
        "flows": 9,
    }
    assert (record.policy.sha256, record.inventory) == ("ab", "cd")
    assert (record.result.findings, record.result.open) == (2, 1)
    assert record.result.severities == {"critical": 0, "high": 1, "medium": 1, "low": 0, "info": 0}
    (exception,) = record.exceptions
    assert (exception.who, exception.why, exception.status) == ("anong", "CHG-9", "accepted")


def test_a_record_survives_json(document: AuditDocument) -> None:
    record = make_record(document, name="x", by="y", at=START, sites=[], sensors=[])
    text = record.model_dump_json(by_alias=True)
    assert '"schema":"sekisho.audit-record/1"' in text
    assert AuditRecord.model_validate_json(text) == record


def test_coverage_is_summed_in_hours() -> None:
    assert [s.model_dump() for s in coverage_summary(items())] == [
        {"sensor": "a", "seen": 0.0, "quiet": 1.0, "no_data": 0.0},
        {"sensor": "b", "seen": 3.0, "quiet": 0.0, "no_data": 0.5},
    ]
