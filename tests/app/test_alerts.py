from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.app import alerts as use
from sekisho.app.watching.watch import watching
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

NOW = datetime(2020, 6, 8, tzinfo=UTC)


@pytest.fixture
def watched(raw_company: Path) -> Workspace:
    """Five alerts of two sensors' logs."""
    workspace = Workspace(raw_company)
    with watching(workspace, (), clock=lambda: NOW, by="aiko") as watch:
        watch.turn()
    return workspace


def said(workspace: Workspace, alert: str, action: Any, **changes: Any) -> Any:
    values = {"now": NOW, "by": "aiko", "why": "known"}
    return use.answer(workspace, alert, action, **(values | changes))


def test_the_worst_come_first_and_what_is_answered_is_left_out(watched: Workspace) -> None:
    listed = use.listed(watched, now=NOW).alerts
    assert [alert.severity for alert in listed] == ["critical", "critical", "medium", "medium", "low"]
    said(watched, listed[0].id, "acknowledge")
    after = use.listed(watched, now=NOW)
    assert len(after.alerts) == 4
    assert "1 more" in after.notes[0]
    assert len(use.listed(watched, now=NOW, every=True).alerts) == 5


def test_nothing_watched_is_not_nothing_found(raw_company: Path) -> None:
    (note,) = use.listed(Workspace(raw_company), now=NOW).notes
    assert "nothing was ever watched" in note


def test_an_answer_is_in_the_ledger_and_may_be_taken_back(watched: Workspace) -> None:
    alert = use.listed(watched, now=NOW).alerts[0]
    assert said(watched, alert.id[:8], "acknowledge").status == "acknowledged"
    assert said(watched, alert.id, "reopen", why="not that one").status == "open"
    shown, answers = use.shown(watched, alert.id, now=NOW)
    assert [(one.action, one.by) for one in answers] == [("acknowledge", "aiko"), ("reopen", "aiko")]
    assert shown.muting is None
    with pytest.raises(RequestError, match="no answer to take back"):
        said(watched, alert.id, "reopen")


def test_a_snooze_ends_by_itself(watched: Workspace) -> None:
    alert = use.listed(watched, now=NOW).alerts[0]
    until = NOW + timedelta(hours=2)
    assert said(watched, alert.id, "snooze", until=until).status == "snoozed"
    assert len(use.listed(watched, now=NOW).alerts) == 4
    assert len(use.listed(watched, now=until).alerts) == 5


@pytest.mark.parametrize(
    ("action", "changes", "message"),
    [
        ("acknowledge", {"why": " "}, "says why"),
        ("acknowledge", {"why": "x" * 5000}, "longer than"),
        ("snooze", {}, "has an end"),
        ("snooze", {"until": NOW}, "is past"),
    ],
)
def test_answers_that_say_too_little(
    action: Any, changes: dict[str, Any], message: str, watched: Workspace
) -> None:
    alert = use.listed(watched, now=NOW).alerts[0]
    with pytest.raises(RequestError, match=message):
        said(watched, alert.id, action, **changes)


def test_an_alert_that_is_not_there_or_not_one(watched: Workspace) -> None:
    with pytest.raises(RequestError, match="there is no alert"):
        use.shown(watched, "A-zzz", now=NOW)
    with pytest.raises(RequestError, match="the beginning of 5"):
        use.shown(watched, "A-", now=NOW)


def window(workspace: Workspace, scope: use.Scope, **changes: Any) -> Any:
    values: dict[str, Any] = {"begin": NOW, "end": NOW + timedelta(hours=8), "now": NOW}
    values |= {"by": "aiko", "why": "firmware"}
    return use.set_maintenance(workspace, scope, **(values | changes))


def test_a_window_is_set_listed_and_ended(watched: Workspace) -> None:
    scope = use.Scope(["th-plant"], ["th-plant <-> *"], ["th-app02", "10.40.0.0/16"], ["TH-HQ-EDI"])
    made = window(watched, scope)
    assert (made.name, made.scope["links"]) == ("M-1", ["th-plant <-> *"])
    ended = use.end_maintenance(watched, "M-1", now=NOW + timedelta(hours=1), by="ken")
    assert ended.end == NOW + timedelta(hours=1)
    with pytest.raises(RequestError, match="is over"):
        use.end_maintenance(watched, "M-1", now=NOW + timedelta(hours=2), by="ken")
    assert window(watched, use.Scope(), everything=True).name == "M-2"
    assert [one.name for one in use.maintenance(watched)] == ["M-1", "M-2"]


@pytest.mark.parametrize(
    ("scope", "changes", "message"),
    [
        (use.Scope(), {}, "say what is maintained"),
        (use.Scope(["nowhere"]), {}, "no site is called"),
        (use.Scope(links=["th-plant"]), {}, "is no link"),
        (use.Scope(links=["th-plant <-> nowhere"]), {}, "no site is called"),
        (use.Scope(hosts=["nobody"]), {}, "is no host"),
        (use.Scope(rules=["R-9"]), {}, "has no rule"),
        (use.Scope(["th-plant"]), {"end": NOW}, "after it begins"),
        (use.Scope(["th-plant"]), {"begin": NOW - timedelta(days=2), "end": NOW}, "is past"),
        (use.Scope(["th-plant"]), {"end": NOW + timedelta(days=32)}, "at most 31 days"),
    ],
)
def test_windows_that_cannot_be(
    scope: use.Scope, changes: dict[str, Any], message: str, watched: Workspace
) -> None:
    with pytest.raises(RequestError, match=message):
        window(watched, scope, **changes)
    assert use.maintenance(watched) == ()


def test_there_is_no_such_window(watched: Workspace) -> None:
    with pytest.raises(RequestError, match="no maintenance window"):
        use.end_maintenance(watched, "M-7", now=NOW, by="ken")
