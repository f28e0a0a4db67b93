from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.app.containing.terminals import answer, enrol, tls
from tests.app.containing.test_forcing import told
from tests.app.containing.test_probing import DAY, EDI, MINUTE, NEAR, ORDERS, seen

from sekisho.app.containing.gathering import collected, in_force_or_not
from sekisho.app.containing.grounds import ground
from sekisho.app.containing.probes import attempts, document, probes
from sekisho.app.containing.probing import ask
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.probing.judging import Attempt
from sekisho.model.probes import Probe

__all__ = ["seen"]


def asked(workspace: Workspace) -> tuple[tuple[Probe, ...], list[Attempt]]:
    with open_decisions(workspace) as decisions:
        force, hold = in_force_or_not(
            decisions.state.plans(), "P-1", ground(workspace, decisions, now=DAY, by="aiko")
        )
        assert hold is not None
        found = probes(decisions.state.plans())
        return found, list(attempts(found, force, hold))


def test_what_is_written_is_read_again(seen: Workspace) -> None:
    ask(seen, "1", (ORDERS, NEAR), now=DAY, by="aiko")
    answer(seen, "edi", EDI, DAY + MINUTE, tls(ORDERS))
    collected(seen, "1", now=DAY + 2 * MINUTE, by="aiko")
    (probe,), (attempt,) = asked(seen)
    assert (probe.number, probe.plan, probe.by, probe.at) == (1, "P-1", "aiko", DAY)
    assert set(probe.untried) == {("jp-hq", "th-plant")}
    (one,) = probe.asking
    assert [t.asked for t in one.trials] == [NEAR, ORDERS]
    assert (attempt.trial.asked, attempt.control, attempt.since) == (ORDERS, False, None)
    assert attempt.answered == DAY + MINUTE + timedelta(seconds=1)
    assert attempt.came.startswith("a certificate")


def test_it_counts_since_the_last_gateway_on_the_way_was_told(seen: Workspace) -> None:
    ask(seen, "1", (ORDERS,), now=DAY, by="aiko")
    told(seen, DAY, "elsewhere", "partial", th_gw="elsewhere")
    assert asked(seen)[1][0].since == DAY
    told(seen, DAY + MINUTE, "elsewhere", "applied_elsewhere", jp_gw="elsewhere")
    assert asked(seen)[1][0].since == DAY + MINUTE
    (seen.root / "gateways.yaml").write_text(
        (seen.root / "gateways.yaml").read_text().replace('["th-plant <-> *"]', '["us-plant <-> *"]')
    )
    assert asked(seen)[1][0].since == DAY + MINUTE
    gateways = (seen.root / "gateways.yaml").read_text()
    (seen.root / "gateways.yaml").write_text(gateways.replace('["jp-hq <-> *"]', '["us-plant <-> *"]'))
    assert asked(seen)[1][0].since == DAY + MINUTE, "nothing stands there: since all were told"


def test_what_was_exempt_then_has_not_come_across(seen: Workspace) -> None:
    told(seen, DAY, "elsewhere", "applied_elsewhere", th_gw="elsewhere", jp_gw="elsewhere")
    ask(seen, "1", (ORDERS, NEAR), now=DAY + MINUTE, by="aiko")
    answer(seen, "edi", EDI, DAY + 2 * MINUTE, tls(ORDERS, NEAR))
    body: dict[str, Any] = {"id": "X-1", "sentence": f"{EDI} -> 10.1.20.5 : tcp/8443"}
    body["until"] = (DAY + timedelta(hours=1)).isoformat()
    with open_decisions(seen) as decisions:
        decisions.decide(
            "plan.exempt",
            {"plan": "P-1", "state": "applied_elsewhere", "exempt": body},
            at=DAY,
            by="ken",
        )
    (attempt,) = asked(seen)[1]
    assert attempt.exempt
    assert not attempt.crossed


def test_what_is_not_cut_any_more_is_not_judged(seen: Workspace) -> None:
    ask(seen, "1", (ORDERS,), now=DAY, by="aiko")
    gateways = (seen.root / "gateways.yaml").read_text()
    (seen.root / "gateways.yaml").write_text(
        gateways + 'lifelines: {orders: "th-plant/edi -> jp-hq/edi : tcp/8443"}\n'
    )
    assert asked(seen)[1] == []


def test_a_document_says_what_nobody_can_try(seen: Workspace) -> None:
    enrol(seen, DAY, edi=EDI)
    with open_decisions(seen) as decisions:
        force, hold = in_force_or_not(
            decisions.state.plans(), "P-1", ground(seen, decisions, now=DAY, by="aiko")
        )
        nothing = document("P-1", (), force, hold, DAY)
    assert nothing.directions == ()
    assert nothing.notes == ("nobody was ever asked to try it",)
    told_of = ask(seen, "1", now=DAY, by="aiko")
    assert "no service that is kept was seen to answer edi" in told_of.notes[0]
    assert told_of.waits == DAY + timedelta(minutes=15)
