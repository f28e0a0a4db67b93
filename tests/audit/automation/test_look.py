"""Automation in a whole audit: what is found, what is not, and what is said where nobody looked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from sekisho.app.ingest import Ingest
from sekisho.audit.automation.candidates import SETTLED
from sekisho.audit.evidence import KEYS
from sekisho.audit.run import audit
from sekisho.inventory.register import Inventory
from sekisho.model.findings import AuditDocument, Finding
from sekisho.model.sites import Sensor
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.lake import Lake

Contact = tuple[float, str, str, int]
"""(seconds after 1 June, from, to, port)"""
DAY, HOUR = 86_400, 3_600
JUNE_1 = datetime(2020, 6, 1, tzinfo=UTC)
NOW = datetime(2020, 6, 13, tzinfo=UTC)
DAYS = 11
FRESH = SETTLED // 1_000_000 + DAY
C2, UPDATES, LOGS, CRAWLER, VENDOR = "28.1.2.3", "28.9.9.9", "28.7.7.7", "28.6.6.6", "28.5.5.5"
SPY, EDI, HQ = "10.1.20.7", "10.40.2.10", "10.1.20.5"


def beat(src: str, dst: str, port: int, begin: float, end: float, every: float) -> list[Contact]:
    """Contacts at a period, their pause cut by up to a fifth."""
    rng = np.random.default_rng([int(begin), port])
    times = begin + np.cumsum(every * (1 - 0.2 * rng.random(int((end - begin) / every * 1.3))))
    return [(at, src, dst, port) for at in times[times < end].tolist()]


def traffic() -> list[Contact]:
    """Eleven days: three programs that are remarkable, and several that are not."""
    end = DAYS * DAY
    rows = beat(SPY, C2, 443, 5 * DAY, end, 600)
    for host in range(20):
        rows += beat(f"10.1.40.{host + 1}", UPDATES, 443, 0, end, 4 * HOUR)
    rows += beat("10.1.20.8", LOGS, 514, 0, end, 1_800)  # by its role
    rows += beat(CRAWLER, "10.1.20.9", 443, 0, end, 900)  # comes in
    rows += beat(EDI, HQ, 8443, 0, end, 1_200)  # its purpose
    rows += beat(EDI, "10.1.20.6", 8443, FRESH, end, 900)  # permitted, and new
    rng = np.random.default_rng(5)
    rows += [(at, "10.1.20.9", VENDOR, 443) for at in rng.random(900) * end]  # nobody's clock
    rows += [(at, "10.40.9.9", "10.1.10.96", 445) for at in np.arange(2 * DAY, end, HOUR)]  # forbidden
    return sorted(rows)


@pytest.fixture(scope="module")
def whole(
    tmp_path_factory: pytest.TempPathFactory, zeek_header: str, zeek_conn: Callable[..., str]
) -> Iterator[Lake]:
    """The lake of it, seen by one sensor that had been looking from the first day on."""
    root = tmp_path_factory.mktemp("automation")
    lines = [
        zeek_conn(JUNE_1.timestamp() + at, f"C{n:06d}", src, 20_000 + n % 40_000, dst, port)
        for n, (at, src, dst, port) in enumerate(traffic())
    ]
    (root / "conn.log").write_text(zeek_header + "".join(lines))
    with Lake.open(root / "lake", create=True) as lake:
        sensors = {"jp-edge": Sensor(name="jp-edge", site="jp-hq")}
        Ingest(lake, root, sensors, now=NOW).run([root / "conn.log"], sensor="jp-edge")
        yield lake


@pytest.fixture(scope="module")
def document(whole: Lake, inventory: Inventory, compiled: CompiledPolicy) -> AuditDocument:
    return audit(whole, inventory, compiled, begin=None, end=None, now=NOW)


def one(document: AuditDocument, src: str, dst: str) -> Finding:
    (found,) = (f for f in document.findings if (f.src.address, f.dst.address) == (src, dst))
    return found


def test_what_is_remarkable_is_found_and_nothing_that_is_not(document: AuditDocument) -> None:
    assert {
        (f.src.address, f.dst.address, f.kind) for f in document.findings if f.kind != "verdict"
    } == {
        (SPY, C2, "automation"),
        (EDI, "10.1.20.6", "automation"),
    }
    assert document.totals.external >= 23, "the others are there"


def test_columns_explain_themselves(document: AuditDocument) -> None:
    found = one(document, SPY, C2)
    automation = found.automation
    assert automation is not None
    assert automation.beacon is not None
    assert automation.beacon.score >= 0.9
    assert automation.beacon.interval_seconds == pytest.approx(540, abs=15)
    assert (automation.prevalence.hosts, automation.prevalence.rare) == (1, True)
    assert automation.prevalence.of == 28, "internal hosts, either end"
    assert automation.pair_first_seen.kind == "observed"
    assert automation.pair_first_seen.at == found.first_seen
    assert (found.verdict, found.severity) == ("external", "medium")
    assert {check.id for check in found.checks} >= {"automation", "beacon", "prevalence", "outside"}
    assert found.checks[0].text.startswith("keeps a beat of 8 min 59 s")


def test_a_violation_has_the_columns_and_keeps_its_kind(document: AuditDocument) -> None:
    found = one(document, "10.40.9.9", "10.1.10.96")
    assert (found.kind, found.also) == ("verdict", ("automation",))
    assert found.automation is not None
    assert found.automation.beacon is not None
    assert found.automation.beacon.interval_seconds == HOUR
    assert "beacon" in {check.id for check in found.checks}


def test_a_window_knows_what_was_before_it(
    whole: Lake, inventory: Inventory, compiled: CompiledPolicy
) -> None:
    begin = JUNE_1 + timedelta(days=DAYS - 2)
    found = audit(whole, inventory, compiled, begin=begin, end=None, now=NOW)
    spy = one(found, SPY, C2)
    assert spy.automation is not None
    assert spy.automation.pair_first_seen.at < begin
    assert (EDI, HQ) not in {(f.src.address, f.dst.address) for f in found.findings}


def test_what_was_not_read_is_named(
    whole: Lake, inventory: Inventory, compiled: CompiledPolicy
) -> None:
    none = audit(whole, inventory, compiled, begin=None, end=None, now=NOW, automation_flows=0)
    assert all(f.kind == "verdict" and f.automation is None for f in none.findings)
    assert none.notes[-1] == "automation was not looked for: audit.automation_flows is 0"
    few = audit(whole, inventory, compiled, begin=None, end=None, now=NOW, automation_flows=300)
    assert one(few, "10.40.9.9", "10.1.10.96").automation is not None, "violations come first"
    assert "automation was not looked for on 3 connections" in few.notes[-1]


def test_nothing_where_there_is_no_evidence(
    lake_of: Callable[..., Lake], inventory: Inventory, compiled: CompiledPolicy
) -> None:
    empty = lake_of({})
    assert audit(empty, inventory, compiled, begin=None, end=None, now=NOW).findings == ()


def test_among_some_connections_it_is_the_same_as_among_all(
    whole: Lake,
    inventory: Inventory,
    compiled: CompiledPolicy,
    document: AuditDocument,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with whole.stage(None, None) as stage:
        stage.judge(compiled)
        every = stage.judged().select(KEYS)
    spy = [n for n, port in enumerate(every["port"].to_pylist()) if port == 443]
    of = every.take(spy)
    found = audit(whole, inventory, compiled, begin=None, end=None, now=NOW, of=of)
    assert one(found, SPY, C2) == one(document, SPY, C2)
    assert {f.port for f in found.findings} == {443}
    monkeypatch.setattr("sekisho.audit.automation.look.GONE_THROUGH", 10)
    large = audit(whole, inventory, compiled, begin=None, end=None, now=NOW, of=of)
    assert large.findings == ()
    assert any("automation was not looked for here" in note for note in large.notes)
