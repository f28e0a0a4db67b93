"""Logons in a whole investigation: who travelled, what was removed, and what they add to a step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.investigate.run import Investigation
from sekisho.investigate.seeds import SeedRequest
from sekisho.model.addresses import key, parse_address
from sekisho.model.hops import HopDocument

START = datetime(2024, 3, 4, tzinfo=UTC)
PC, SRV, STORE, LAST = "10.2.0.40", "10.3.0.50", "10.4.0.60", "10.1.0.70"
ASSETS = f"{PC},pc,b,,it,normal\n{SRV},srv.corp.example,c,,it,high\n{STORE},store,d,,it,high\n"
SeedOf = Callable[[str, str, int], SeedRequest]


def at(hours: float, seconds: float = 0) -> datetime:
    return START + timedelta(hours=hours, seconds=seconds)


def logon(when: datetime, host: str, src: str | None, **more: Any) -> dict[str, Any]:
    """A row of a host's own log; `src` None: it does not tell."""
    plain: dict[str, Any] = {"time": when, "host": host, "account": "CORP\\anna", "logon_type": 3}
    if src is not None:
        plain |= dict(zip(("src_hi", "src_lo"), key(parse_address(src)), strict=True))
    return plain | more


@pytest.fixture(scope="module")
def opened(company_at: Callable[..., Any], put: Callable[..., None]) -> Any:
    company = company_at(4)
    company.flow(50.2, PC, SRV, 3389, minutes=25)
    company.flow(50.4, PC, SRV, 5985)
    company.flow(60.2, SRV, STORE, 445)
    company.flow(70.2, STORE, LAST, 22)
    made = company.open()
    assets = company.root / "assets.csv"
    assets.write_text(assets.read_text() + ASSETS)
    hour = {"SRV.corp.example": 50, "STORE": 60}
    put(
        made.lake,
        logon(at(50.2, 20), "SRV.corp.example", PC, logon_type=10),
        logon(at(50.3), "SRV.corp.example", None, kind="service_installed", event=7045, target="evil"),
        *(logon(at(hours, 90), host, "10.4.0.9", account="CORP\\zoe") for host, hours in hour.items()),
        logon(at(50.4, 1), "SRV.corp.example", PC, account="CORP\\root"),
        logon(at(60.4), "STORE", "10.4.0.9", account="CORP\\zoe"),
        logon(at(61), "STORE", None, kind="log_cleared", event=1102, account="CORP\\root"),
        logon(at(60), "elsewhere.corp.example", "10.4.0.9", account="CORP\\zoe"),
    )
    return made.again(company.root)


@pytest.fixture(scope="module")
def found(opened: Any, seed_of: SeedOf) -> Investigation:
    look: Investigation = opened.look(seed_of(SRV, STORE, 445))
    return look


def hop_to(found: Investigation, dst: str) -> HopDocument:
    return next(hop for hop in found.hops if hop.dst == dst)


def test_who_travelled_and_where_it_stands(found: Investigation) -> None:
    hop = hop_to(found, SRV)
    assert (hop.account, hop.logons and hop.logons.answer) == ("CORP\\anna", "seen")
    assert hop.logons is not None
    assert [(one.path, one.row, one.sensor) for one in hop.logons.evidence] == [("a.evtx", 1, "hosts")]
    account, other = found.accounts
    assert (account.account, account.since) == ("CORP\\anna", at(50.2))
    (also,) = hop.also
    assert (also.port, also.account, other.account) == (5985, "CORP\\root", "CORP\\root")
    assert [(one.src, one.dst, one.service) for one in account.hops] == [(PC, SRV, "rdp")]


def test_a_missing_logon_and_a_cleared_log_are_findings(found: Investigation) -> None:
    missing, cleared = found.traces_removed
    assert (missing.kind, missing.address, missing.src) == ("logon_missing", STORE, SRV)
    assert (missing.at, missing.site, missing.technique) == (at(60.2), "d", "T1070.001")
    assert "2 logons in the hour from 2024-03-06 12:00" in (missing.evidence[0].text or "")
    assert (cleared.kind, cleared.at, cleared.asset) == ("log_cleared", at(61), "store")
    assert cleared.evidence[0].row == 7


def test_no_log_is_another_answer_than_no_logon(found: Investigation) -> None:
    answers = {hop.dst: hop.logons.answer for hop in found.hops if hop.logons}
    assert answers == {SRV: "seen", STORE: "traces_removed", LAST: "not_asked"}
    assert found.logons is not None
    assert (found.logons.connections, found.logons.asked, found.logons.checked) == (4, 3, 3)
    assert (found.logons.traces_removed, found.logons.no_log) == (1, 0)


def test_they_weigh_and_can_be_left_out(found: Investigation, opened: Any, seed_of: SeedOf) -> None:
    weights = {hop.dst: {w.id: w for w in hop.why} for hop in found.hops}
    assert weights[SRV]["logon"].text == "service evil was installed on SRV.corp.example"
    assert weights[STORE]["logon"].weight > 0
    assert "logon" not in weights[LAST]
    without = opened.look(seed_of(SRV, STORE, 445), without=frozenset({"logon"}))
    assert hop_to(without, SRV).likelihood < hop_to(found, SRV).likelihood
    assert hop_to(without, SRV).logons == hop_to(found, SRV).logons


def test_the_timeline_has_what_hosts_say(found: Investigation) -> None:
    told = [(item.kind, item.at) for item in found.timeline if item.source == "logons"]
    assert told == [
        ("logon", at(50.2)),
        ("service_installed", at(50.3)),
        ("logon", at(50.4)),
        ("logon", at(60.2)),
        ("log_cleared", at(61)),
    ]
    assert [item.at for item in found.timeline] == sorted(item.at for item in found.timeline)
    assert all(item.evidence for item in found.timeline if item.kind != "logon")


def test_notes_say_what_was_checked_and_which_logs_are_nobodys(found: Investigation) -> None:
    notes = "\n".join(found.notes)
    assert "of 4 connections of its hops 3 can have one on record, 3 could be checked" in notes
    assert "logs of elsewhere.corp.example are on record, but assets.csv gives no address" in notes


def test_a_permitted_edge_joins_by_the_account_that_went_over_it(
    company_at: Callable[..., Any], put: Callable[..., None], seed_of: SeedOf
) -> None:
    company = company_at(4)
    company.flow(50.2, PC, SRV, 3389, minutes=25)
    for hours in (10, 30, 52):
        company.flow(hours, SRV, "10.1.0.7", 445)
    made = company.open()
    assets = company.root / "assets.csv"
    assets.write_text(assets.read_text() + ASSETS)
    made = made.again(company.root)
    seed = seed_of(PC, SRV, 3389)
    assert [hop.dst for hop in made.look(seed).hops] == [SRV]
    put(
        made.lake,
        logon(at(50.2, 5), "srv", PC),
        logon(at(52, 5), "files", SRV),
        logon(at(52, 6), "files", None, kind="service_installed", event=7045, target="evil"),
    )
    found = made.look(seed)
    assert [(hop.dst, hop.verdict) for hop in found.hops] == [
        (SRV, "unauthorized"),
        ("10.1.0.7", "authorized"),
    ]
    assert [hop.account for hop in found.hops] == ["CORP\\anna"] * 2
    (account,) = found.accounts
    assert len(account.hops) == 2
    alone = made.look(seed, without=frozenset({"logon"}))
    assert [hop.dst for hop in alone.hops] == [SRV]


def test_a_clock_that_is_hours_off_is_measured_and_reckoned_with(
    company_at: Callable[..., Any], put: Callable[..., None], seed_of: SeedOf
) -> None:
    company = company_at(4)
    company.flow(50.2, PC, SRV, 445)
    usual = [3.1, 14.7, 27.45, 38.2, 61.9, 80.3]
    for hours in usual:
        company.flow(hours, "10.4.0.77", SRV, 445)
    made = company.open()
    assets = company.root / "assets.csv"
    assets.write_text(assets.read_text() + ASSETS)
    made = made.again(company.root)
    ahead = 7 * 3600
    put(
        made.lake,
        *(logon(at(hours, ahead), "srv", "10.4.0.77", account="CORP\\bob") for hours in usual),
        logon(at(50.2, ahead), "srv", PC),
    )
    found = made.look(seed_of(PC, SRV, 445))
    (hop,) = [hop for hop in found.hops if hop.src == PC]
    assert (hop.account, hop.logons and hop.logons.answer) == ("CORP\\anna", "seen")
    assert any("the clock of srv (hosts) ran 25200 s ahead" in note for note in found.notes)


def test_without_logs_nobody_is_accused(company_at: Callable[..., Any], seed_of: SeedOf) -> None:
    company = company_at(2)
    company.flow(30.2, PC, SRV, 445)
    found = company.open().look(seed_of(PC, SRV, 445))
    (hop,) = found.hops
    assert hop.logons is not None
    assert (hop.logons.answer, hop.account, found.traces_removed) == ("no_log", None, ())
    assert any("1 at hosts of which no log covers the time" in note for note in found.notes)
