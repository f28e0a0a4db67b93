from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from sekisho.app.decisions import open_decisions
from sekisho.app.learning.acting import add_action
from sekisho.app.learning.alarms import raise_overdue
from sekisho.app.learning.closing import close
from sekisho.app.workspace import Workspace


def test_what_is_overdue_is_told_once_and_taken_back_when_closed(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    def told(at: datetime) -> list[tuple[str, str]]:
        with open_decisions(workspace) as decisions:
            alerts = raise_overdue(workspace, decisions, {"sink": "low"}, at)
        return [(one.change, one.title) for one in alerts]

    add_action(
        workspace,
        opened,
        "Watch it",
        owner="ken",
        due=date(2020, 6, 10),
        lesson=None,
        now=now,
        by="aiko",
    )
    assert told(now) == []
    later = now + timedelta(days=4)
    assert told(later) == [("raised", "INC-1: A-1 of ken is overdue")]
    assert told(later) == []
    proof = tmp_path / "proof.txt"
    proof.write_text("done")
    close(workspace, opened, "A-1", f"file:{proof}", now=later, by="ken")
    assert told(later) == [("cleared", "INC-1: A-1 of ken is closed")]
