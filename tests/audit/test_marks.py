"""Marks: one finding a connection, whatever is said of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from sekisho.app.findings import find
from sekisho.audit.evidence import KEYS, key_of
from sekisho.audit.life import seen_again
from sekisho.audit.marks import Judged, Mark, by_connection, chosen, keys_of
from sekisho.audit.run import audit
from sekisho.inventory.register import Inventory
from sekisho.model.findings import AuditDocument, Check, Life
from sekisho.model.verdicts import FindingKind, Severity
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

NOW = datetime(2020, 6, 8, tzinfo=UTC)
JUNE_3, JUNE_5 = (datetime(2020, 6, day, tzinfo=UTC) for day in (3, 5))
KEY = ("", 0, 1, "", 0, 2, 6, 445)


class Everything:
    """Says the same of every connection of the window."""

    def __init__(self, kind: FindingKind, severity: Severity, since: datetime | None = None) -> None:
        self.kind: FindingKind = kind
        self.severity: Severity = severity
        self.since = since

    def marks(self, judged: Judged) -> Iterable[Mark]:
        until = None if self.since is None else self.since + timedelta(hours=1)
        check = Check(id=self.kind, text=f"said by {self.kind}")
        for row in judged.stage.judged().select(KEYS).to_pylist():
            yield Mark(key_of(row), self.kind, self.severity, check, self.since, until)


@pytest.fixture
def parts(
    lake: Lake, inventory: Inventory, compiled: CompiledPolicy
) -> tuple[Lake, Inventory, CompiledPolicy]:
    return lake, inventory, compiled


def marked(parts: tuple[Lake, Inventory, CompiledPolicy], *markers: Everything) -> AuditDocument:
    return audit(*parts, begin=None, end=None, now=NOW, markers=markers)


def test_marks_join_the_finding_of_the_verdict_and_make_one_where_there_is_none(
    audited: AuditDocument, parts: tuple[Lake, Inventory, CompiledPolicy]
) -> None:
    found = marked(parts, Everything("changed", "medium"), Everything("automation", "info"))
    assert found.totals == audited.totals, "totals count verdicts alone"
    assert len(found.findings) == found.totals.connections
    assert len({f.id for f in found.findings}) == len(found.findings)
    before = {f.id: f for f in audited.findings}
    assert before.keys() <= {f.id for f in found.findings}
    for finding in found.findings:
        said = [check.text for check in finding.checks]
        assert said[-2:] == ["said by changed", "said by automation"]
        if (old := before.get(finding.id)) is not None:
            assert (finding.kind, finding.also) == ("verdict", ("changed", "automation"))
            wanted = {"low": "medium"}.get(old.severity, old.severity)
            assert finding.severity == wanted
            assert (finding.flows, finding.first_seen) == (old.flows, old.first_seen)
            assert (finding.nearest_rule, finding.cause) == (old.nearest_rule, old.cause)
        else:
            assert finding.verdict in ("authorized", "external", "intra_site")
            assert (finding.kind, finding.also) == ("changed", ("automation",))
            assert (finding.severity, finding.nearest_rule, finding.cause) == ("medium", None, None)
            assert finding.flows > 0
            assert finding.sensors
    severities = [f.severity for f in found.findings]
    assert severities == sorted(severities, key=["critical", "high", "medium", "low", "info"].index)


def test_a_mark_says_since_when_and_until(parts: tuple[Lake, Inventory, CompiledPolicy]) -> None:
    found = marked(parts, Everything("one_sided", "high", JUNE_3))
    (one,) = (f for f in found.findings if f.verdict == "authorized")
    assert (one.kind, one.onset.at, one.onset.kind) == ("one_sided", JUNE_3, "observed")
    assert one.last_seen == max(JUNE_3 + timedelta(hours=1), one.first_seen)
    closed = Life(status="closed", who="anong", at=one.last_seen + timedelta(days=1))
    assert seen_again(one.model_copy(update={"life": closed})).life.status == "closed"
    assert find(found, one.id[:8]) == one, "decisions are about it as about any other"


def test_what_is_out_of_scope_or_window_has_no_finding(
    parts: tuple[Lake, Inventory, CompiledPolicy],
) -> None:
    marker = Everything("changed", "low")
    pair = audit(*parts, begin=None, end=None, now=NOW, pair=("th-plant", "jp-hq"), markers=[marker])
    assert len(pair.findings) == pair.totals.connections
    assert {f.src.site for f in pair.findings} == {"th-plant"}
    two = audit(*parts, begin=JUNE_3, end=JUNE_5, now=NOW, markers=[marker])
    assert len(two.findings) == two.totals.connections
    assert all(JUNE_3 <= f.first_seen < JUNE_5 for f in two.findings)
    assert sum(f.flows for f in two.findings) == two.totals.flows


def test_of_one_kind_and_check_the_worst_is_said() -> None:
    check = Check(id="beacon", text="every hour")
    marks = [Mark(KEY, "automation", severity, check) for severity in ("info", "high", "low", "medium")]
    other = Mark(KEY, "changed", "medium", Check(id="initiates", text="began to initiate"))
    (said,) = by_connection([*marks, other]).values()
    assert [(mark.kind, mark.severity) for mark in said] == [
        ("automation", "high"),
        ("changed", "medium"),
    ]


def test_keys_as_the_store_takes_them() -> None:
    assert keys_of({}).num_rows == 0
    assert keys_of({KEY: ()}).to_pylist() == [dict(zip(KEYS, KEY, strict=True))]


def test_the_marks_of_some_connections() -> None:
    other = (*KEY[:-1], 22)
    said = [Mark(key, "changed", "low", Check(id="c", text="t")) for key in (KEY, other, KEY)]
    assert list(chosen(said, keys_of({KEY: None}))) == [said[0], said[2]]
    assert list(chosen(said, keys_of({}))) == []
    assert list(chosen(said, None)) == said
