from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sekisho.app.containing.forcing import enforced, force, force_and_notes, openings
from sekisho.app.containing.planning import plan
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.model.restrictions import Restriction

MINUTE = timedelta(minutes=1)


def told(workspace: Workspace, at: datetime, kind: str, state: str, **gateways: str) -> None:
    """Note what became of gateways."""
    body: dict[str, Any] = {
        "plan": "P-1",
        "state": state,
        "results": {name.replace("_", "-"): {"state": word} for name, word in gateways.items()},
    }
    with open_decisions(workspace) as decisions:
        decisions.decide(f"plan.{kind}", body, at=at, by="ken")


def since(workspace: Workspace) -> dict[str, datetime]:
    with open_decisions(workspace) as decisions:
        found = enforced(decisions.state.plans())
    return dict(found[0].since) if found else {}


def test_a_gateway_holds_it_since_it_was_told(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    assert since(contained) == {}
    told(contained, now, "apply", "partial", th_gw="applied", jp_gw="unreachable")
    assert since(contained) == {"th-gw": now}
    told(contained, now + MINUTE, "apply", "applied", jp_gw="applied")
    told(contained, now + 2 * MINUTE, "confirm", "confirmed", th_gw="confirmed", jp_gw="confirmed")
    assert since(contained) == {"th-gw": now, "jp-gw": now + MINUTE}
    told(contained, now + 3 * MINUTE, "rollback", "partial", jp_gw="rolled_back")
    told(contained, now + 4 * MINUTE, "elsewhere", "confirmed", jp_gw="elsewhere")
    assert since(contained) == {"th-gw": now, "jp-gw": now + 4 * MINUTE}
    told(contained, now + 5 * MINUTE, "lift", "confirmed", th_gw="lifting")
    assert since(contained) == {"jp-gw": now + 4 * MINUTE}
    told(contained, now + 6 * MINUTE, "rollback", "confirmed", th_gw="confirmed")
    assert since(contained)["th-gw"] == now + 6 * MINUTE, "the lift was taken back"
    told(contained, now + 7 * MINUTE, "confirm", "lifted", th_gw="lifted", jp_gw="lifted")
    assert since(contained) == {}


def test_what_cannot_be_worked_out_is_said(contained: Workspace, now: datetime) -> None:
    with open_decisions(contained) as decisions:
        assert force(contained, decisions, now=now, by="aiko") is None
    plan(contained, Restriction(("site:us-plant",)), now=now, by="aiko")
    told(contained, now, "apply", "applied", th_gw="applied", jp_gw="applied")
    sites = (contained.root / "sites.yaml").read_text()
    (contained.root / "sites.yaml").write_text(sites.replace("us-plant:", "mx-plant:"))
    with open_decisions(contained) as decisions:
        found, notes = force_and_notes(contained, decisions, now=now, by="aiko")
        assert found is not None
        assert found.holds == ()
        assert "escaped P-1 was not looked at" in notes[0]
        (contained.root / "gateways.yaml").write_text("gateways: [")
        found, notes = force_and_notes(contained, decisions, now=now, by="aiko")
    assert found is None
    assert "was not looked at" in notes[0]


def test_exemptions_are_remembered_with_their_times(contained: Workspace, now: datetime) -> None:
    plan(contained, Restriction(("site:th-plant",)), now=now, by="aiko")
    opened = {
        "id": "X-1",
        "sentence": "th-plant/* -> jp-hq/* : tcp/22",
        "until": "2020-06-09T00:00:00Z",
    }
    with open_decisions(contained) as decisions:
        for minutes, body in ((0, opened), (1, {"id": "X-1", "told": "th-gw applied"})):
            entry = {"plan": "P-1", "state": "applied", "exempt": body}
            decisions.decide("plan.exempt", entry, at=now + minutes * MINUTE, by="ken")
        (found,) = openings(decisions.state.plans())
        assert (found.begin, found.end) == (now, datetime(2020, 6, 9, tzinfo=UTC))
        body = {"plan": "P-1", "state": "applied", "exempt": {"id": "X-1", "closed": True}}
        decisions.decide("plan.exempt", body, at=now + 5 * MINUTE, by="ken")
        assert [one.end for one in openings(decisions.state.plans())] == [now + 5 * MINUTE]
