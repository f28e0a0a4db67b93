"""The whole audit, over the same six days at two sensors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.audit.evidence import KEYS, Key, key_of
from sekisho.audit.run import audit, coverage
from sekisho.errors import RequestError
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.findings import AuditDocument, Finding, Life, finding_id
from sekisho.model.verdicts import VERDICTS
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

NOW = datetime(2020, 6, 8, tzinfo=UTC)
JUNE_4 = datetime(2020, 6, 4, tzinfo=UTC)
Parts = tuple[Lake, Inventory, CompiledPolicy]


@pytest.fixture
def parts(lake: Lake, inventory: Inventory, compiled: CompiledPolicy) -> Parts:
    return lake, inventory, compiled


def judged(parts: Parts, begin: datetime | None = None, end: datetime | None = None) -> AuditDocument:
    return audit(*parts, begin=begin, end=end, now=NOW)


def test_connections_by_verdict_add_up(audited: AuditDocument) -> None:
    totals = audited.totals.model_dump()
    assert totals.pop("flows") == 154, "two sensors' views of one flow are one"
    assert totals.pop("connections") == sum(totals.values()) == 8
    assert totals == dict.fromkeys(VERDICTS, 1) | {"unauthorized": 2}


def test_findings_come_by_severity_then_onset(audited: AuditDocument) -> None:
    assert [(f.verdict, f.severity) for f in audited.findings] == [
        ("unauthorized", "critical"),
        ("unauthorized", "critical"),
        ("unmapped", "medium"),
        ("lapsed", "medium"),
        ("attempted", "low"),
    ]
    assert audited.findings[0].onset.at < audited.findings[1].onset.at


def test_a_window_takes_its_flows_alone(parts: Parts) -> None:
    day = judged(parts, JUNE_4, JUNE_4 + timedelta(days=1))
    smb = finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
    (found,) = (f for f in day.findings if f.id == smb)
    assert (found.flows, found.days_active) == (2, 1)
    assert (day.window.begin, day.window.end) == (JUNE_4, JUNE_4 + timedelta(days=1))
    assert {(c.begin, c.end) for c in day.coverage} == {(JUNE_4, JUNE_4 + timedelta(days=1))}


def test_a_site_and_a_pair_narrow_every_count(parts: Parts) -> None:
    one = audit(*parts, begin=None, end=None, now=NOW, sites=["us-plant"])
    assert (one.totals.connections, one.findings) == (0, ())
    pair = audit(*parts, begin=None, end=None, now=NOW, pair=("th-plant", "jp-hq"))
    assert pair.totals.connections == 5
    assert pair.totals.unmapped == pair.totals.external == pair.totals.intra_site == 0
    with pytest.raises(RequestError, match="jp-qh"):
        audit(*parts, begin=None, end=None, now=NOW, sites=["jp-qh"])


def test_what_people_decided_stands_on_the_finding(parts: Parts) -> None:
    name = finding_id("10.40.9.9", "10.1.10.96", "tcp", 445)
    life = Life(status="closed", who="aiko", why="rebuilt", at=NOW)
    document = audit(*parts, begin=None, end=None, now=NOW, lives={name: life})
    assert {f.id: f.life.status for f in document.findings if f.life.status != "open"} == {
        name: "closed"
    }


def test_a_window_nobody_recorded_is_not_a_quiet_one(parts: Parts) -> None:
    before = judged(parts, datetime(2020, 5, 1, tzinfo=UTC), datetime(2020, 5, 2, tzinfo=UTC))
    assert before.findings == ()
    assert {item.state for item in before.coverage} == {"no_data"}
    assert before.notes == ("there is no evidence at all: nothing was audited",)


def test_a_sensor_silent_in_the_window_is_named(
    lake_of: Callable[..., Lake],
    zeek_log: str,
    zeek_conn: Callable[..., str],
    inventory: Inventory,
    compiled: CompiledPolicy,
) -> None:
    early = zeek_conn(1_590_969_600, "C1", "10.40.2.10", 40_000, "10.1.20.5", 8443)
    lake = lake_of({"th-edge": zeek_log, "jp-edge": early})
    document = judged((lake, inventory, compiled), JUNE_4, JUNE_4 + timedelta(days=1))
    assert document.notes == (
        "no evidence from jp-edge: what only they could see was not audited",
        (
            "1 of 3 links between sites had weeks in which neither end was watched (jp-hq <-> us-plant):"
            " `sekisho coverage` says which"
        ),
    )
    assert {f.seen_at for f in document.findings} == {"single"}


def test_coverage_names_every_sensor(parts: Parts) -> None:
    document = coverage(parts[0], parts[1], now=NOW)
    assert document.sensors == ("jp-edge", "th-edge")
    assert [(c.sensor, c.state, c.flows) for c in document.coverage] == [
        ("jp-edge", "seen", 152),
        ("th-edge", "seen", 154),
    ]


def test_coverage_says_who_watches_each_link_and_who_belongs_to_no_site(parts: Parts) -> None:
    lake, inventory, _ = parts
    document = coverage(lake, inventory, now=NOW)
    states = {(week.link, week.state) for week in document.pairs}
    assert ("jp-hq <-> th-plant", "both") in states
    assert ("th-plant <-> us-plant", "one") in states
    both = next(week for week in document.pairs if week.link == "jp-hq <-> th-plant")
    assert [(end.site, bool(end.flows), end.lost) for end in both.ends] == [
        ("jp-hq", True, 0),
        ("th-plant", True, 0),
    ]
    assert document.unmapped.total == 1


def test_coverage_of_one_site_is_of_its_sensors_links_and_strangers(parts: Parts) -> None:
    lake, inventory, _ = parts
    document = coverage(lake, inventory, now=NOW, sites=["us-plant"])
    assert {week.link for week in document.pairs} == {
        "jp-hq <-> us-plant",
        "th-plant <-> us-plant",
    }
    assert document.sensors == ()
    assert document.coverage == ()
    with pytest.raises(RequestError, match="no site"):
        coverage(lake, inventory, now=NOW, sites=["nowhere"])


def test_the_findings_among_some_connections_are_those_of_the_whole(
    parts: Parts, audited: AuditDocument
) -> None:
    with parts[0].stage(None, None) as stage:
        stage.judge(parts[2])
        every = stage.judged().select(KEYS)
    places = range(every.num_rows)
    for of in (every, every.slice(0, 0), *(every.slice(n, 1) for n in places), every.slice(3)):
        found = audit(*parts, begin=None, end=None, now=NOW, of=of).findings
        known = {key_of(row) for row in of.to_pylist()}
        assert [f.id for f in found] == [
            f.id for f in audited.findings if key_of_finding(f, every) in known
        ]
        by_id = {f.id: f for f in audited.findings}
        assert all(
            (f.severity, f.checks, f.automation)
            == (by_id[f.id].severity, by_id[f.id].checks, by_id[f.id].automation)
            for f in found
        )


def key_of_finding(finding: Finding, every: Any) -> Key:
    """The connection that a finding is about."""
    for row in every.to_pylist():
        src, dst = (str(address_of(row[f"{end}_hi"], row[f"{end}_lo"])) for end in ("src", "dst"))
        if (src, dst, row["port"]) == (finding.src.address, finding.dst.address, finding.port):
            return key_of(row)
    raise AssertionError(finding.id)
