from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.facts import record
from sekisho.app.notifying.records import deliveries, sheet
from sekisho.app.workspace import Workspace


def test_what_was_known_until_then(workspace: Workspace, opened: str, now: datetime) -> None:
    for days, text in ((3, "people=5"), (1, "people=unknown")):
        at = now - timedelta(days=days)
        record(workspace, opened, [text], now=now, by="aiko", at=at, source="HR")
    with open_decisions(workspace) as decisions:
        store = decisions.state.notices()
        assert sheet(store, opened, now - timedelta(days=2)).values() == {"people": 5}
        assert sheet(store, opened).values() == {}
        assert sheet(store, opened, now - timedelta(days=9)).recorded == ()
        assert deliveries(store, opened) == ()
