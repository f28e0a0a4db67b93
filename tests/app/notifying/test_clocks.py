from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.notifying.clocks import ask
from sekisho.app.notifying.facts import record
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_as_of_then_and_what_would_change(workspace: Workspace, opened: str, now: datetime) -> None:
    assert {one.state for one in ask(workspace, opened, now=now).clocks} == {"not_started", "disabled"}
    aware = now - timedelta(days=2)
    record(
        workspace,
        opened,
        ["aware", "countries=TH", "personal_data=yes"],
        now=now,
        by="aiko",
        at=aware,
        source="x",
    )
    (clock, people) = ask(workspace, opened, now=now, only=["th-pdpa"]).clocks
    assert (clock.state, clock.missing, clock.started) == ("needs_decision", ("risk",), aware)
    assert clock.due == aware + timedelta(hours=72)
    assumed = ask(workspace, opened, now=now, only=["th-pdpa"], assumed=["risk=unlikely"])
    assert [one.state for one in assumed.clocks] == ["not_applicable", "not_applicable"]
    assert assumed.clocks[0].before is not None
    assert assumed.clocks[0].before.state == "needs_decision"
    assert assumed.assumed == ("risk=unlikely",)
    again = ask(workspace, opened, now=now, only=["th-pdpa"])
    assert again.clocks == (clock, people)
    before = ask(workspace, opened, now=now, at=aware - timedelta(hours=1), only=["th-pdpa"])
    assert before.clocks[0].state == "not_started"
    for at, only, message in ((now + timedelta(1), [], "lies ahead"), (None, ["th"], "no obligation")):
        with pytest.raises(RequestError, match=message):
            ask(workspace, opened, now=now, at=at, only=only)


def test_where_no_law_is_kept_that_is_said(workspace: Workspace, opened: str, now: datetime) -> None:
    record(workspace, opened, ["countries=TH,BR"], now=now, by="aiko", source="x")
    notes = ask(workspace, opened, now=now).notes
    assert any(note.startswith("no law of BR is kept here") for note in notes)
    assert not any(
        "no law of" in note for note in ask(workspace, opened, now=now, only=["th-pdpa"]).notes
    )
