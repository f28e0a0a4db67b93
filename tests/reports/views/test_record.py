from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sekisho.audit.record import AuditRecord, make_record
from sekisho.model.findings import AuditDocument
from sekisho.reports.base import Options
from sekisho.reports.registry import render


@pytest.fixture
def record(audit: AuditDocument) -> AuditRecord:
    at = datetime(2020, 7, 1, tzinfo=UTC)
    sites, sensors = ["th-plant", "jp-hq"], ["th-edge", "jp-zeek"]
    return make_record(audit, name="2020-Q2", by="tanaka", at=at, sites=sites, sensors=sensors)


def text(record: AuditRecord, format_name: str) -> str:
    stream = io.StringIO()
    render(record, format_name, stream, Options())
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def test_on_a_terminal(record: AuditRecord, golden: Callable[[str, str], None]) -> None:
    shown = text(record, "table")
    golden("record.txt", shown)
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_csv_is_its_findings(record: AuditRecord) -> None:
    assert len(text(record, "csv").splitlines()) == 1 + len(record.findings)


def test_the_page_has_the_hashes(record: AuditRecord) -> None:
    page = text(record, "html")
    assert record.policy.sha256 in page
    assert "CHG-1042 is being renewed" in page
