"""Terminals are asked and answer through the service's own desk; only sockets are missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.containing.conftest import GATEWAYS
from tests.app.containing.terminals import answer, enrol, tls
from tests.app.containing.test_forcing import told

from sekisho.app.checking.campaigning import Asking, begin, turn
from sekisho.app.checking.deciding import decide
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import status
from sekisho.app.containing.gathering import collected
from sekisho.app.containing.planning import plan
from sekisho.app.containing.plans import shown
from sekisho.app.containing.probing import LASTS, ask, wait
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.probes import ProbeDocument
from sekisho.model.restrictions import Restriction

LINK = "link:th-plant <-> jp-hq"
DAY = datetime(2020, 6, 8, 12, tzinfo=UTC)
"""After the last of the logs."""
MINUTE = timedelta(minutes=1)
EDI = "10.40.2.10"
ORDERS, NEAR = "10.1.20.5:8443", "10.40.5.5:443"


@pytest.fixture
def seen(company: Path) -> Workspace:
    """Logs of 1 to 6 June, a plan, and a terminal that sends orders."""
    (company / "gateways.yaml").write_text(
        GATEWAYS.replace("platform: nftables", "platform: nftables\n    deliver: render")
    )
    workspace = Workspace(company)
    plan(workspace, Restriction((LINK,)), now=DAY, by="aiko")
    enrol(workspace, DAY, edi=EDI)
    return workspace


def outcomes(document: ProbeDocument) -> dict[tuple[str, str], str]:
    return {(one.begin, one.end): one.outcome for one in document.directions}


def why(document: ProbeDocument, begin: str, end: str) -> str:
    return next(one.why for one in document.directions if (one.begin, one.end) == (begin, end))


def test_what_answered_lately_is_asked_of_who_used_it(seen: Workspace) -> None:
    document = ask(seen, "1", now=DAY, by="aiko")
    assert [(t.terminal, t.service, t.end) for t in document.tried if not t.control] == [
        ("edi", ORDERS, "jp-hq")
    ]
    assert outcomes(document) == {
        ("jp-hq", "th-plant"): "not_known",
        ("th-plant", "jp-hq"): "not_known",
    }
    assert why(document, "jp-hq", "th-plant") == (
        "no terminal of jp-hq was heard in the last 15 minutes"
    )
    assert why(document, "th-plant", "jp-hq") == "no gateway holds it, and edi has not answered yet"
    last = shown(seen, "1").history[-1]
    assert (last.kind, last.text) == (
        "probe",
        "probe 1: 1 terminal asked to try 1 connection that it cuts",
    )
    assert answer(seen, "edi", EDI, DAY + 3 * MINUTE, tls(ORDERS)) == {
        f"sekisho_{last.entry}_q_try_0": "SELECT 'tls' AS kind, hostname AS asked, sha256_fingerprint AS"
        f" came FROM curl_certificate WHERE hostname = '{ORDERS}'"
    }
    after = collected(seen, "1", now=DAY + 4 * MINUTE, by="aiko")
    assert (after.answered, after.waits) == (1, None)
    assert "came back from 10.1.20.5:8443 to edi" in why(after, "th-plant", "jp-hq")


def test_before_the_cut_and_after_it(seen: Workspace) -> None:
    named = (ORDERS, NEAR)
    ask(seen, "1", named, now=DAY, by="aiko")
    answer(seen, "edi", EDI, DAY + 3 * MINUTE, tls(ORDERS, NEAR))
    cut = DAY + 10 * MINUTE
    told(seen, cut, "elsewhere", "applied_elsewhere", th_gw="elsewhere", jp_gw="elsewhere")
    early = collected(seen, "1", now=cut, by="aiko")
    assert "before the gateways were told" in why(early, "th-plant", "jp-hq")
    enrol(seen, cut + MINUTE, edi=EDI)
    ask(seen, "1", named, now=cut + MINUTE, by="aiko")
    answer(seen, "edi", EDI, cut + 4 * MINUTE, tls(NEAR))
    after = collected(seen, "1", now=cut + 5 * MINUTE, by="aiko")
    assert outcomes(after)["th-plant", "jp-hq"] == "not_reached"
    enrol(seen, cut + 6 * MINUTE, edi=EDI)
    ask(seen, "1", named, now=cut + 6 * MINUTE, by="aiko")
    answer(seen, "edi", EDI, cut + 9 * MINUTE, tls(ORDERS, NEAR))
    again = collected(seen, "1", now=cut + 10 * MINUTE, by="aiko")
    assert outcomes(again)["th-plant", "jp-hq"] == "reached"
    assert [(t.probe, t.came is not None) for t in again.tried if not t.control] == [
        (3, True),
        (2, False),
        (1, True),
    ]


def test_one_probe_at_a_time_until_the_cut(seen: Workspace) -> None:
    ask(seen, "1", now=DAY, by="aiko")
    with pytest.raises(Refused, match="probe 1 of P-1 is on its way: 0 of 1 terminals"):
        ask(seen, "1", now=DAY + MINUTE, by="ken")
    told(seen, DAY + 2 * MINUTE, "elsewhere", "applied_elsewhere", th_gw="elsewhere", jp_gw="elsewhere")
    assert ask(seen, "1", now=DAY + 3 * MINUTE, by="ken").probes == 2
    later = DAY + 3 * MINUTE + LASTS
    enrol(seen, later, edi=EDI)
    assert ask(seen, "1", now=later, by="ken").probes == 3


def test_who_is_not_there_or_not_to_be_checked_is_asked_nothing(seen: Workspace) -> None:
    late = ask(seen, "1", now=DAY + 20 * MINUTE, by="aiko")
    assert late.terminals == 0
    assert "no terminal of th-plant was heard" in why(late, "th-plant", "jp-hq")
    listed = seen.root / "inv.csv"
    listed.write_text(f"hostname,address\nedi,{EDI}\n")
    take_in(seen, [listed], now=DAY, by="ken")
    decide(seen, "edi", "exclude", now=DAY, by="ken", why="a PLC's console")
    enrol(seen, DAY + 21 * MINUTE, edi=EDI)
    assert ask(seen, "1", now=DAY + 21 * MINUTE, by="aiko").terminals == 0


def test_of_terminals_that_were_merged_the_last_decision_counts(seen: Workspace) -> None:
    listed = seen.root / "inv.csv"
    listed.write_text(f"hostname,address\nedi,{EDI}\nedi-old,10.40.2.99\n")
    take_in(seen, [listed], now=DAY, by="ken")
    for name in ("edi", "edi-old"):
        decide(seen, name, "exclude", now=DAY, by="ken", why="a PLC's console")
    decide(seen, "edi", "merge", now=DAY, by="ken", why="it was set up anew", other="edi-old")
    assert ask(seen, "1", now=DAY + MINUTE, by="aiko").terminals == 0
    decide(seen, "edi", "include", now=DAY + MINUTE, by="ken", why="it is a desk now")
    assert ask(seen, "1", now=DAY + 2 * MINUTE, by="aiko").terminals == 1


def test_what_must_run_or_never_be_cut_is_left_alone(seen: Workspace) -> None:
    sites = (seen.root / "sites.yaml").read_text()
    gateways = (seen.root / "gateways.yaml").read_text()
    (seen.root / "gateways.yaml").write_text(
        gateways + 'never_cut: {orders: "th-plant/* -> jp-hq/edi : tcp/8443"}\n'
    )
    document = ask(seen, "1", now=DAY, by="aiko")
    assert document.terminals == 0
    (seen.root / "gateways.yaml").write_text(gateways)
    (seen.root / "sites.yaml").write_text(sites.replace("owner: it-th", "owner: it-th, must_run: true"))
    document = ask(seen, "1", now=DAY + MINUTE, by="aiko")
    assert document.terminals == 0
    assert "th-plant must run" in why(document, "th-plant", "jp-hq")
    assert ask(seen, "1", (ORDERS,), now=DAY + 2 * MINUTE, by="aiko").terminals == 1


def test_it_changes_nothing_of_how_terminals_stand(seen: Workspace) -> None:
    listed = seen.root / "inv.csv"
    listed.write_text(f"hostname,address\nedi,{EDI}\n")
    take_in(seen, [listed], now=DAY, by="ken")
    before = status(seen, now=DAY + MINUTE)
    ask(seen, "1", now=DAY + MINUTE, by="aiko")
    answer(seen, "edi", EDI, DAY + 2 * MINUTE, tls(ORDERS))
    after = status(seen, now=DAY + 3 * MINUTE)
    assert after.states == before.states
    assert after.campaign == before.campaign
    with open_decisions(seen) as decisions:
        assert decisions.state.fleet().campaigns() == ()
        assert decisions.state.fleet().answers() == ()
        assert [one.name for one in decisions.state.fleet().asking()] == ["P-1 probe 1"]


def test_waiting_ends_with_the_answer_or_the_time(seen: Workspace) -> None:
    ask(seen, "1", now=DAY, by="aiko")
    clock = [DAY]
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += timedelta(seconds=seconds)
        if len(pauses) == 7:
            answer(seen, "edi", EDI, clock[0], tls(ORDERS))

    def waited(seconds: float) -> ProbeDocument:
        return wait(seen, "1", seconds, clock=lambda: clock[0], pause=pause, by="aiko")

    assert (waited(5).answered, len(pauses)) == (0, 5)
    assert (waited(60).answered, len(pauses)) == (1, 7)


def test_what_is_lifted_or_nothing_is_not_probed(seen: Workspace) -> None:
    with pytest.raises(RequestError, match="names no service"):
        ask(seen, "1", ("'; DROP TABLE nodes; --",), now=DAY, by="aiko")
    with pytest.raises(RequestError, match="more than 20"):
        ask(seen, "1", [f"10.1.20.{n}:443" for n in range(30)], now=DAY, by="aiko")
    told(seen, DAY, "elsewhere", "lifted", th_gw="lifted", jp_gw="lifted")
    with pytest.raises(Refused, match="P-1 is lifted"):
        ask(seen, "1", now=DAY, by="aiko")


def test_what_answered_once_is_tried_when_the_flows_of_that_time_are_gone(seen: Workspace) -> None:
    ask(seen, "1", (ORDERS, NEAR), now=DAY, by="aiko")
    answer(seen, "edi", EDI, DAY + MINUTE, tls(ORDERS, NEAR))
    late = DAY + timedelta(days=20)
    enrol(seen, late, edi=EDI)
    found = ask(seen, "1", now=late, by="aiko")
    assert {(t.service, t.control) for t in found.tried if t.probe == 2} == {
        (ORDERS, False),
        (NEAR, True),
    }


def test_a_name_that_a_campaign_has_is_not_taken(seen: Workspace) -> None:
    begin(seen, "P-1 probe 1", (), Asking({"up": "SELECT 1"}), now=DAY, by="ken", why="w")
    ask(seen, "1", now=DAY, by="aiko")
    with open_decisions(seen) as decisions:
        names = [one.name for one in decisions.state.fleet().asking()]
    assert names == ["P-1 probe 1", "P-1 probe 1 (2)"]
    with pytest.raises(RequestError, match="there is a campaign"):
        begin(seen, "P-1 probe 1 (2)", (), Asking({"up": "SELECT 1"}), now=DAY, by="ken", why="w")
    turn(seen, "P-1 probe 1 (2)", "end", now=DAY + MINUTE, by="ken", why="enough")
    assert not any("try_" in q for q in answer(seen, "edi", EDI, DAY + 2 * MINUTE, tls(ORDERS)))
    assert ask(seen, "1", now=DAY + 3 * MINUTE, by="aiko").probes == 2, "nobody waits for it any more"


def test_names_that_terminals_give_themselves_are_printable(seen: Workspace) -> None:
    enrol(seen, DAY, **{"\x1b[2Jgone" + "x" * 300: "10.40.2.11"})
    found = ask(seen, "1", (ORDERS,), now=DAY, by="aiko")
    assert all(one.terminal.isprintable() and len(one.terminal) <= 100 for one in found.tried)
    assert len({one.terminal for one in found.tried}) == 2
