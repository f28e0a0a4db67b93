from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.alarms import raise_clocks
from sekisho.app.notifying.facts import record
from sekisho.app.workspace import Workspace


def test_each_deadline_is_told_once_and_taken_back_when_it_moves(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    def told(at: datetime) -> list[tuple[str, str, str]]:
        with open_decisions(workspace) as decisions:
            alerts = raise_clocks(workspace, decisions, {"sink": "low"}, at)
        assert all("no legal advice" in one.text or one.labels["change"] == "earlier" for one in alerts)
        return sorted(
            (one.labels["change"], one.change, one.severity)
            for one in alerts
            if one.labels["obligation"] == "th-pdpa" and one.kind == "notify"
        )

    aware = now - timedelta(hours=60)
    assert told(now) == []
    # Other laws have nothing to say of this incident.
    facts = ["aware.TH", "countries=TH", "personal_data=yes", "risk=likely", "dod_contractor=no"]
    record(workspace, opened, facts, now=now, by="aiko", at=aware, source="call")
    assert told(now - timedelta(hours=30)) == []
    assert told(now) == [("soon", "raised", "high")]
    assert told(now) == []
    assert told(now + timedelta(hours=13)) == [
        ("late", "raised", "critical"),
        ("soon", "cleared", "high"),
    ]
    later = now + timedelta(hours=14)
    record(workspace, opened, ["aware.TH"], now=later, by="aiko", at=now, source="another call")
    assert told(later) == [("late", "cleared", "critical")]
    record(
        workspace,
        opened,
        ["aware.TH"],
        now=later,
        by="ken",
        at=aware - timedelta(hours=1),
        source="mail",
    )
    assert told(later) == [("earlier", "raised", "high"), ("late", "raised", "critical")]
