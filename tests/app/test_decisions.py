"""The ledger first, then the state; killed in between, the next opening takes the entry over."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest

from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.ledger import Ledger
from sekisho.state.state import State

BODY = {"finding": "F-1", "why": "rebuilt"}


def statuses(workspace: Workspace) -> list[str]:
    with open_decisions(workspace) as decisions:
        return [event.action for event in decisions.state.events("F-1")]


def test_a_decision_is_an_entry_that_counts(raw: Workspace, now: datetime) -> None:
    with open_decisions(raw) as decisions:
        entry = decisions.decide("finding.close", BODY, at=now, by="aiko")
        assert [e.action for e in decisions.state.events("F-1")] == ["close"]
    assert [e.hash for e in Ledger(raw.ledger).entries()] == [entry.hash]
    assert statuses(raw) == ["close"], "once, however often it is opened"


def test_killed_after_the_entry(raw: Workspace, now: datetime) -> None:
    Ledger(raw.ledger).append("finding.close", BODY, now, "aiko")
    assert statuses(raw) == ["close"]


def test_killed_before_the_entry(raw: Workspace, now: datetime) -> None:
    """Contents are kept before the entry that names them: alone they decide nothing."""
    with open_decisions(raw) as decisions:
        decisions.state.keep([b"text"])
        assert decisions.ledger.head().seq == 0
        assert decisions.state.cursor().seq == 0
    with open_decisions(raw) as decisions:
        body = BODY | {"document": hashlib.sha256(b"text").hexdigest()}
        decisions.decide("finding.note", body, at=now, by="aiko", contents=[b"text"])
        assert decisions.state.content(body["document"]) == b"text"


def test_an_entry_that_cannot_be_written_decides_nothing(raw: Workspace, now: datetime) -> None:
    with open_decisions(raw) as decisions:
        with pytest.raises(RequestError):
            decisions.decide("finding.close", BODY | {"why": "x" * 2_000_000}, at=now, by="aiko")
        assert decisions.state.events("F-1") == ()
    assert statuses(raw) == []


def test_exclusive_sees_what_others_decided(raw: Workspace, now: datetime) -> None:
    with open_decisions(raw) as decisions:
        Ledger(raw.ledger).append("finding.close", BODY, now, "ken")
        assert decisions.state.events("F-1") == ()
        with decisions.exclusive():
            assert [e.by for e in decisions.state.events("F-1")] == ["ken"]


def test_a_ledger_with_another_past_is_not_followed(raw: Workspace, now: datetime) -> None:
    with open_decisions(raw) as decisions:
        decisions.decide("finding.close", BODY, at=now, by="aiko")
    for path in raw.ledger.iterdir():
        path.unlink()
    Ledger(raw.ledger).append("finding.note", BODY, now, "mallory")
    Ledger(raw.ledger).append("finding.note", BODY, now, "mallory")
    with State.open(raw.state) as state, pytest.raises(IntegrityError):
        Decisions(Ledger(raw.ledger), state)._follow()


def test_a_ledger_older_than_what_counts_takes_nothing(raw: Workspace, now: datetime) -> None:
    """A decision written into it would stand there and never count: the state has that number already."""
    with open_decisions(raw) as decisions:
        decisions.decide("finding.close", BODY, at=now, by="aiko")
        older = {path.name: path.read_bytes() for path in raw.ledger.iterdir()}
        decisions.decide("finding.reopen", BODY, at=now, by="aiko")
    for path in raw.ledger.iterdir():
        path.write_bytes(older[path.name])
    with pytest.raises(IntegrityError, match=r"ends at entry 1, and decisions up to entry 2 count"):
        statuses(raw)
    for path in raw.ledger.iterdir():
        path.unlink()
    with pytest.raises(IntegrityError, match="ends at entry 0"):
        statuses(raw)
    Ledger(raw.ledger).append("finding.note", BODY, now, "mallory")
    Ledger(raw.ledger).append("finding.note", BODY, now, "mallory")
    with pytest.raises(IntegrityError, match="entry 2 is not the one whose decisions count"):
        statuses(raw)
