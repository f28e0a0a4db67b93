from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.app.containing.terminals import answer, enrol, tls
from tests.app.containing.test_forcing import told
from tests.app.containing.test_probing import DAY, EDI, MINUTE, NEAR, ORDERS, seen

from sekisho.app.alerts import listed
from sekisho.app.containing.gathering import FORGET, collected, gather, in_force_or_not, probed_of
from sekisho.app.containing.grounds import ground
from sekisho.app.containing.plans import shown
from sekisho.app.containing.probing import LASTS, ask
from sekisho.app.containing.verifying import verify
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace

__all__ = ["seen"]


def held(workspace: Workspace) -> None:
    told(workspace, DAY, "elsewhere", "applied_elsewhere", th_gw="elsewhere", jp_gw="elsewhere")


def test_what_came_across_is_told_to_everybody_once(seen: Workspace) -> None:
    held(seen)
    ask(seen, "1", (ORDERS, NEAR), now=DAY + MINUTE, by="aiko")
    answer(seen, "edi", EDI, DAY + 2 * MINUTE, tls(ORDERS, NEAR))
    for _ in range(2):
        collected(seen, "1", now=DAY + 3 * MINUTE, by="aiko")
        (alert,) = listed(seen, now=DAY + 3 * MINUTE).alerts
        assert (alert.kind, alert.severity) == ("contain", "critical")
        assert alert.title == f"a probe came across what P-1 cuts: edi -> {ORDERS}"
    events = [one for one in shown(seen, "1").history if one.kind == "probed"]
    assert [one.text for one in events] == [
        f"probe 1: 1 of 1 terminal answered; reached: edi -> {ORDERS}"
    ]
    document = verify(seen, "1", now=DAY + 4 * MINUTE, by="aiko")
    assert document.contained == "no"
    (why,) = document.why
    assert why.startswith(
        f"a probe came across th-plant -> jp-hq: edi asked {ORDERS} since, and a cert"
    )


def test_verify_collects_and_no_probe_makes_it_contained(seen: Workspace) -> None:
    ask(seen, "1", (ORDERS, NEAR), now=DAY - 9 * MINUTE, by="aiko")
    answer(seen, "edi", EDI, DAY - 8 * MINUTE, tls(ORDERS, NEAR))
    held(seen)
    enrol(seen, DAY + MINUTE, edi=EDI)
    ask(seen, "1", (ORDERS, NEAR), now=DAY + MINUTE, by="aiko")
    answer(seen, "edi", EDI, DAY + 2 * MINUTE, tls(NEAR))
    document = verify(seen, "1", now=DAY + 4 * MINUTE, by="aiko")
    assert [one.outcome for one in document.probed] == ["not_known", "not_reached"]
    assert document.contained == "not_known", "sensors decide, and have recorded nothing since"
    assert listed(seen, now=DAY + 4 * MINUTE).alerts == ()


def test_a_terminal_whose_osquery_cannot_says_so(seen: Workspace) -> None:
    held(seen)
    ask(seen, "1", (ORDERS,), now=DAY + MINUTE, by="aiko")
    answer(seen, "edi", EDI, DAY + 2 * MINUTE, "no such table: curl_certificate\x1b[2J")
    document = collected(seen, "1", now=DAY + 3 * MINUTE, by="aiko")
    assert document.tried[0].failed == "no such table: curl_certificate\ufffd[2J"
    assert document.directions[1].why.startswith("edi could not ask: no such table")


def test_what_comes_late_counts_and_what_comes_much_later_is_not_looked_for(seen: Workspace) -> None:
    ask(seen, "1", now=DAY, by="aiko")
    answer(seen, "edi", EDI, DAY + LASTS - MINUTE, tls(ORDERS))
    with open_decisions(seen) as decisions:
        assert not gather(seen, decisions, "P-1", now=DAY + LASTS + FORGET + MINUTE, by="aiko")
        assert gather(seen, decisions, "P-1", now=DAY + LASTS + FORGET, by="aiko")
        assert not gather(seen, decisions, "P-1", now=DAY + LASTS + FORGET, by="aiko")


def test_after_its_time_nobody_is_handed_it(seen: Workspace) -> None:
    ask(seen, "1", now=DAY, by="aiko")
    assert answer(seen, "edi", EDI, DAY + LASTS + MINUTE, tls(ORDERS)) == {}
    document = collected(seen, "1", now=DAY + LASTS + 2 * MINUTE, by="aiko")
    assert (document.answered, document.waits) == (0, None)


def test_a_plan_is_worked_out_whether_or_not_it_holds(seen: Workspace) -> None:
    with open_decisions(seen) as decisions:
        force, hold = in_force_or_not(
            decisions.state.plans(), "P-1", ground(seen, decisions, now=DAY, by="aiko")
        )
        assert hold is not None
        assert hold.since == {}
        assert (
            probed_of(decisions.state.plans(), "P-1", ground(seen, decisions, now=DAY, by="aiko")) == ()
        )
    held(seen)
    with open_decisions(seen) as decisions:
        force, hold = in_force_or_not(
            decisions.state.plans(), "P-1", ground(seen, decisions, now=DAY, by="aiko")
        )
        assert hold is not None
        assert set(hold.since) == {"th-gw", "jp-gw"}
        assert force.unknown == {}


def test_what_sensors_saw_of_a_probe_escaped_and_is_said_to_be_ours(seen: Workspace) -> None:
    cut = datetime(2020, 6, 5, tzinfo=UTC)
    enrol(seen, cut, edi=EDI)
    told(seen, cut, "elsewhere", "applied_elsewhere", th_gw="elsewhere", jp_gw="elsewhere")
    ask(seen, "1", (ORDERS, NEAR), now=cut + MINUTE, by="aiko")
    document = verify(seen, "1", now=cut + timedelta(days=2), by="aiko")
    orders = next(one for one in document.escaped if one.port == 8443)
    assert orders.probe == "partly asked for by our probe 1 of P-1 (edi)", (
        "it sent orders of its own too"
    )
    assert [one.probe for one in document.escaped if one.port != 8443] == [None, None]
    (alert,) = listed(seen, now=cut + timedelta(days=2)).alerts
    assert "Of them 1 was asked for by our own probes, or partly so." in alert.text
