from __future__ import annotations

from datetime import datetime

from sekisho.app.alerts import listed
from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.alarming import alarm
from sekisho.app.workspace import Workspace


def test_it_is_critical_and_waits_for_every_sink(raw: Workspace, now: datetime) -> None:
    with (raw.root / "sekisho.toml").open("a") as settings:
        settings.write('[watch.sinks.file]\nkind = "jsonl"\n')
    workspace = Workspace(raw.root)
    with open_decisions(workspace) as decisions:
        alarm(workspace, decisions, "restoration|R-1", "cut again", "by P-2", now=now)
        assert sum(decisions.state.alerts().unsent().values()) == 1
    (alert,) = listed(workspace, now=now).alerts
    assert (alert.severity, alert.title, alert.text) == ("critical", "cut again", "by P-2")
