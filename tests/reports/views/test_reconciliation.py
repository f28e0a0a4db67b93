from __future__ import annotations

import io
import json

import pytest

from sekisho.model.findings import AuditDocument
from sekisho.model.reconciliation import Clock, PairReconciliation, Reconciliation
from sekisho.reports.base import Options
from sekisho.reports.reconciliation import differing
from sekisho.reports.registry import render
from sekisho.reports.views.reconciliation import clocks_sheet, pairs_sheet


@pytest.fixture
def found() -> Reconciliation:
    """One pair that is whole, one that lacks something."""
    lacking = {"source_only": 3, "destination_only": 1, "one_sided": 2}
    whole = {"source_only": 0, "destination_only": 0, "one_sided": 0, "partly": 0}
    pairs = [
        {"src_site": "jp-hq", "dst_site": "th-plant", "connection_days": 90, "both": 90}
        | whole
        | {"explained": {}},
        {"src_site": "th-plant", "dst_site": "jp-hq", "connection_days": 10, "both": 5, "partly": 1}
        | lacking
        | {"explained": {"outage": 2, "nat": 1}},
    ]
    return Reconciliation(
        pairs=tuple(PairReconciliation.model_validate(pair) for pair in pairs),
        clocks=(
            Clock(sensor="jp-edge", offset=0.0002, spread=0.1, flows=9),
            Clock(sensor="th-edge", offset=-137.04, spread=0.1, flows=9),
            Clock(sensor="us-edge", offset=None, spread=0.0, flows=0),
        ),
    )


def shown(audit: AuditDocument, found: Reconciliation | None, name: str) -> str:
    stream = io.StringIO()
    render(audit.model_copy(update={"reconciliation": found}), name, stream, Options())
    return stream.getvalue()


def test_every_format_has_both_ends_and_clocks(audit: AuditDocument, found: Reconciliation) -> None:
    table = shown(audit, found, "table")
    assert "2 connection-days recorded at one end only, unexplained" in " ".join(table.split())
    assert "th-edge 137 s behind" in " ".join(table.split())
    for name in ("html", "markdown"):
        text = shown(audit, found, name)
        assert "Both ends" in text
        assert "th-edge" in text
    records = [json.loads(line) for line in shown(audit, found, "jsonl").splitlines()]
    assert "reconciliation" not in records[0]
    assert sum(record["record"] == "reconciliation" for record in records) == 2
    assert sum(record["record"] == "clock" for record in records) == 3


def test_without_the_comparison_nothing_is_said(audit: AuditDocument) -> None:
    for name in ("table", "html"):
        assert "Both ends" not in shown(audit, None, name)
    assert pairs_sheet(None).rows == clocks_sheet(None).rows == []
    assert differing(None) == []


def test_pairs_with_something_unexplained_come_first(found: Reconciliation) -> None:
    assert [pair.src_site for pair in differing(found)] == ["th-plant"]
    sheet = pairs_sheet(found)
    assert {len(row) for row in sheet.rows} == {len(sheet.columns)}
