from __future__ import annotations

from datetime import timedelta

import pytest

from sekisho.audit.explain import AROUND, Explanation, explain
from sekisho.inventory.register import Inventory
from sekisho.model.findings import AuditDocument, Finding
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

Parts = tuple[Lake, Inventory, CompiledPolicy]


@pytest.fixture
def parts(lake: Lake, inventory: Inventory, compiled: CompiledPolicy) -> Parts:
    return lake, inventory, compiled


def of(audited: AuditDocument, port: int) -> Finding:
    return next(f for f in audited.findings if f.port == port)


def explained(parts: Parts, audited: AuditDocument, port: int, limit: int = 20) -> Explanation:
    finding = of(audited, port)
    return explain(*parts, finding, coverage=audited.coverage, limit=limit)


def test_every_sensors_record_with_file_hash_and_line(parts: Parts, audited: AuditDocument) -> None:
    found = explained(parts, audited, 445)
    assert (found.records, len(found.flows), found.notes) == (6, 6, ()), "three flows, two sensors"
    assert [f.start for f in found.flows] == sorted(f.start for f in found.flows)
    for flow in found.flows:
        assert f"logs/{flow.sensor}/conn.log" in flow.file
        assert len(flow.sha256) == 64
        assert flow.row > 8, "the lines of the header count"
    assert {f.state for f in found.flows} == {"established"}
    assert len({(f.file, f.row) for f in found.flows}) == 6


def test_records_that_a_rule_permitted_are_among_them(parts: Parts, audited: AuditDocument) -> None:
    found = explained(parts, audited, 1433)
    assert found.finding.flows == 1
    assert found.records == 4, "one flow before the rule expired and one after, at two sensors"
    assert [(r.id, r.why_not) for r in found.trace.rules] == [("TH-HQ-STOCK", "expired 2020-06-02")]
    assert found.trace.verdict == "lapsed"


def test_what_is_cut_off_is_said(parts: Parts, audited: AuditDocument) -> None:
    found = explained(parts, audited, 445, limit=2)
    assert len(found.flows) == 2
    assert found.notes == ("2 of 6 records are shown; --limit shows more",)


def test_coverage_around_the_onset_only(parts: Parts, audited: AuditDocument) -> None:
    finding = of(audited, 445)
    (item,) = (c for c in audited.coverage if c.sensor == "th-edge")
    at = finding.onset.at
    far = item.model_copy(update={"begin": at + AROUND, "end": at + AROUND + timedelta(hours=1)})
    other = item.model_copy(update={"sensor": "us-edge"})
    shown = explain(*parts, finding, coverage=[item, far, other], limit=1).coverage
    assert shown == (item,)
