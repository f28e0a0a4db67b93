from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.app.alerts import answer, listed
from sekisho.app.containing.alarms import raise_alarms, sound
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.workspace import Workspace
from sekisho.contain.escape_keys import alert_key, told_keys
from sekisho.watch.alerts import Alert, alert_id

OPENED = {
    "incident": "INC-1", "title": "SMB", "seeds": [], "connections": 0, "days": 1, "findings": [],
}  # fmt: skip


class Ledger:
    """Writes entries of one plan."""

    def __init__(self, decisions: Decisions, at: datetime) -> None:
        self.decisions, self.at = decisions, at

    def draft(self, incident: str | None) -> None:
        self.decisions.decide(
            "plan.draft", {"plan": "P-1", "restriction": {"incident": incident}}, at=self.at, by="aiko"
        )

    def act(self, kind: str, state: str = "applied", **body: Any) -> None:
        body |= {"plan": "P-1", "state": state}
        self.decisions.decide(f"plan.{kind}", body, at=self.at, by="ken")

    def told(self) -> list[Alert]:
        return list(raise_alarms(self.decisions, {"sink": "high"}, self.at))

    def back(self, kind: str) -> list[Alert]:
        results = {"th-gw": {"state": "rolled_back"}, "jp-gw": {"state": "unreachable"}}
        self.act(kind, "partial", results=results, text="1 rolled_back")
        return self.told()


@pytest.fixture
def ledger(contained: Workspace, now: datetime) -> Iterator[Ledger]:
    with open_decisions(contained) as decisions:
        decisions.decide("incident.open", OPENED, at=now, by="aiko")
        yield Ledger(decisions, now)


def test_breaking_the_glass_is_told_once(ledger: Ledger, contained: Workspace, now: datetime) -> None:
    ledger.draft(None)
    assert ledger.told() == []
    ledger.act("breakglass", "previewed", text="they are in the plant")
    (alert,) = ledger.told()
    assert (alert.kind, alert.severity, alert.change) == ("contain", "critical", "raised")
    assert alert.title == "P-1 was applied without approvals by ken"
    assert "they are in the plant" in alert.text
    assert alert.labels == {"kind": "contain", "plan": "P-1", "change": "breakglass"}
    assert ledger.told() == []
    assert sound(contained, ledger.decisions, now=now) == ()
    store = ledger.decisions.state.alerts()
    assert [one.delivery for one in store.waiting("sink", now, 9)] == [alert.delivery]
    assert [one.id for one in listed(contained, now=now).alerts] == [alert.id]
    answered = answer(contained, alert.id, "acknowledge", now=now, by="aiko", why="I was there")
    assert answered.status == "acknowledged"


def test_a_rollback_while_its_incident_is_open(ledger: Ledger) -> None:
    ledger.draft("INC-1")
    (alert,) = ledger.back("rollback")
    assert (alert.severity, alert.labels["incident"]) == ("critical", "INC-1")
    assert alert.title == "P-1 was taken back at th-gw while INC-1 is open"
    assert "by ken" in alert.text
    (late,) = ledger.back("confirm")
    assert "by the gateway itself" in late.text
    ledger.decisions.decide("incident.close", {"incident": "INC-1"}, at=ledger.at, by="aiko")
    assert ledger.back("expired") == []


def test_without_an_incident_only_what_nobody_wanted(ledger: Ledger) -> None:
    ledger.draft(None)
    assert ledger.back("rollback") == []
    (alert,) = ledger.back("expired")
    assert alert.severity == "high"


def test_drift_is_told_until_it_is_mended(ledger: Ledger) -> None:
    ledger.draft(None)
    ledger.act("drift", gateways=["th-gw"])
    (alert,) = ledger.told()
    assert (alert.severity, alert.status) == ("critical", "open")
    assert "somebody changed what th-gw holds of P-1" in alert.title
    ledger.act("drift", gateways=[])
    ledger.at += timedelta(hours=1)
    (mended,) = ledger.told()
    assert (mended.id, mended.change, mended.revision) == (alert.id, "cleared", 2)
    assert ledger.told() == []
    ledger.act("drift", gateways=["th-gw"])
    assert [one.id for one in ledger.told()] != [alert.id]


def test_what_was_mended_before_anybody_was_told_is_not_told(ledger: Ledger) -> None:
    ledger.draft(None)
    ledger.act("drift", gateways=["th-gw"])
    ledger.act("drift", gateways=[])
    (alert,) = ledger.told()
    assert alert.change == "raised", "that it was changed is told all the same"
    (mended,) = ledger.told()
    assert mended.change == "cleared"
    assert ledger.told() == []


def test_what_a_verification_found_is_told_where_no_watch_told_it(ledger: Ledger) -> None:
    ledger.draft(None)
    body = {"findings": ["F-1", "F-2"], "count": 2, "since": "2020-06-05T00:00:00.000000Z"}
    ledger.act("escaped", **body)
    ledger.act("escaped", **body | {"count": 3, "findings": ["F-3"]})
    (alert,) = ledger.told()
    assert (alert.title, alert.severity) == ("2 connections escaped P-1", "critical")
    key = alert_key("P-1", datetime(2020, 6, 5, tzinfo=UTC))
    assert alert.id == alert_id(key), "the watch calls it the same"
    known = ledger.decisions.state.alerts().remarked([alert_id(one) for one in told_keys(key, 4)])
    assert known == {alert_id(one) for one in told_keys(key, 3)}
    assert ledger.told() == []


def test_a_probe_that_came_across_is_told_once_for_each(ledger: Ledger) -> None:
    ledger.draft("INC-1")
    ledger.act("probed", probe=7, said=[], reached=[])
    assert ledger.told() == []
    ledger.act("probed", probe=7, said=[], reached=["th-pc -> 10.1.20.5:443"])
    (alert,) = ledger.told()
    assert (alert.severity, alert.labels["change"]) == ("critical", "reached")
    assert alert.title == "a probe came across what P-1 cuts: th-pc -> 10.1.20.5:443"
    ledger.act("probed", probe=7, said=[], reached=["th-pc2 -> 10.1.20.5:443"])
    assert ledger.told() == []
    ledger.act("probed", probe=9, said=[], reached=["th-pc -> 10.1.20.5:443"])
    assert len(ledger.told()) == 1
