from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.audit.compare import compare
from sekisho.audit.record import make_record
from sekisho.model.findings import AuditDocument, Finding, PolicyVersion, Span, Totals

START = datetime(2024, 3, 1, tzinfo=UTC)
NONE = Totals(
    flows=0,
    connections=0,
    authorized=0,
    unauthorized=0,
    lapsed=0,
    attempted=0,
    intra_site=0,
    external=0,
    unmapped=0,
)


def document(*findings: Finding, policy: str = "p", begin: datetime = START) -> AuditDocument:
    window: dict[str, Any] = {"from": begin, "to": None}
    return AuditDocument(
        window=Span(**window),
        policy=PolicyVersion(sha256=policy, rules=1),
        totals=NONE,
        findings=findings,
        coverage=(),
    )


def test_new_gone_and_changed(make_finding: Callable[..., Finding]) -> None:
    stays, goes, comes = make_finding(), make_finding(port=1), make_finding(port=2)
    worse = make_finding(severity="high", flows=9, cause="C-1")
    found = compare(document(stays, goes), document(worse, comes))
    assert [f.id for f in found.new] == [comes.id]
    assert [f.id for f in found.gone] == [goes.id]
    (changed,) = found.changed
    assert changed.id == stays.id
    assert [(c.field, c.before, c.after) for c in changed.fields] == [
        ("severity", "medium", "high"),
        ("flows", 3, 9),
    ]
    assert found.notes == ()


def test_an_audit_does_not_differ_from_its_record(make_finding: Callable[..., Finding]) -> None:
    audit = document(make_finding())
    record = make_record(audit, name="n", by="b", at=START, sites=[], sensors=[])
    found = compare(record, audit)
    assert (found.new, found.gone, found.changed, found.notes) == ((), (), (), ())


@pytest.mark.parametrize(
    ("changes", "note"), [({"policy": "q"}, "policy changed"), ({"begin": None}, "different periods")]
)
def test_what_makes_two_audits_hard_to_compare_is_said(changes: dict[str, Any], note: str) -> None:
    assert note in compare(document(), document(**changes)).notes[0]
