from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sekisho.app.notifying.facts import pair, proposed, record, shown
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_facts_are_recorded_once_with_source_and_history(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    assert "no clock can start" in shown(workspace, opened).notes[0]
    at = now - timedelta(days=1)
    for _ in range(2):
        record(workspace, opened, ["aware", "people=10"], now=now, by="aiko", at=at, source="call")
    document = record(workspace, opened, ["people=20"], now=now, by="ken", source="HR")
    assert [(f.name, f.value, f.by, f.source, f.counts) for f in document.facts] == [
        ("aware", f"{at:%Y-%m-%dT%H:%M:%S.%fZ}", "aiko", "call", True),
        ("people", "10", "aiko", "call", False),
        ("people", "20", "ken", "HR", True),
    ]
    assert document.contradictions == ("people: 10 (aiko) before, 20 (ken) counts as the latest",)
    assert shown(workspace, opened).facts == document.facts


def test_all_is_checked_before_anything_is_recorded(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    ahead = f"aware={now + timedelta(hours=1):%Y-%m-%dT%H:%MZ}"
    for texts, source, at, message in (
        (["people=5", "peopel=5"], "HR", None, "no fact"),
        (["people=5"], " ", None, "where it is known from"),
        (["people=5"], "HR", now + timedelta(days=1), "lies ahead"),
        ([ahead], "HR", None, "lies ahead"),
        (["people=5"], "x" * 2000, None, "at most"),
    ):
        with pytest.raises(RequestError, match=message):
            record(workspace, opened, texts, now=now, by="aiko", source=source, at=at)
    with pytest.raises(RequestError, match="no incident"):
        record(workspace, "INC-9", ["people=5"], now=now, by="aiko", source="HR")
    assert shown(workspace, opened).facts == ()


def test_a_pair(now: datetime) -> None:
    assert pair("people = 1,000", None) == ("people", "1000")
    assert pair("aware", now)[1].startswith(f"{now:%Y-%m-%dT%H}")
    assert pair("people=unknown", None) == ("people", "unknown")
    for text in ("people", "aware"):
        with pytest.raises(RequestError, match="has no value"):
            pair(text, None)


def test_proposals_are_only_proposals(workspace: Workspace, opened: str, now: datetime) -> None:
    document = proposed(workspace, opened, now=now, by="aiko")
    said = {one.name: one.value for one in document.proposals}
    assert "TH" in said["countries"]
    assert said["occurred"].startswith("2020-")
    assert document.facts == shown(workspace, opened).facts == ()
