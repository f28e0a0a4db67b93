from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest

from sekisho.app.decisions import open_decisions
from sekisho.app.ledger import entries, read_heads, read_public, verify
from sekisho.app.ledger_publishing import publish
from sekisho.app.sinks import Surroundings
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.ledger import Ledger


def decide(workspace: Workspace, number: int, now: datetime) -> None:
    with open_decisions(workspace) as decisions:
        for n in range(number):
            body = {"finding": f"F-{n}", "why": "x"}
            decisions.decide("finding.close", body, at=now, by="aiko")


def begin_anew(workspace: Workspace, now: datetime) -> None:
    """A ledger that is whole in itself, but is not the one that was."""
    for path in workspace.ledger.iterdir():
        path.unlink()
    Ledger(workspace.ledger).append("finding.note", {"finding": "F-1", "why": "x"}, now, "mallory")


def test_the_last_entries_oldest_first(raw: Workspace, now: datetime) -> None:
    assert entries(raw, 5) == []
    decide(raw, 7, now)
    assert [e.seq for e in entries(raw, 3)] == [5, 6, 7]
    assert [e.seq for e in entries(raw, 100)] == [1, 2, 3, 4, 5, 6, 7]


def test_a_ledger_that_was_written_anew(raw: Workspace, now: datetime) -> None:
    assert verify(raw).whole, "nothing yet is whole"
    decide(raw, 3, now)
    assert (verify(raw).whole, verify(raw).entries) == (True, 3)
    begin_anew(raw, now)
    assert not verify(raw).whole, "the state remembers entry 3"


def test_wherever_the_state_is_kept(
    raw: Workspace, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEKISHO_STATE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    decide(raw, 3, now)
    begin_anew(raw, now)
    assert not verify(raw).whole


def test_a_damaged_state_says_nothing_about_the_ledger(raw: Workspace, now: datetime) -> None:
    decide(raw, 2, now)
    for path in raw.state.parent.iterdir():
        path.unlink()
    raw.state.write_bytes(b"x" * 8192)
    assert verify(raw).whole


def test_heads_outside_are_held_against_it(raw: Workspace, now: datetime, tmp_path: Path) -> None:
    held = tmp_path / "heads.txt"
    with raw.settings_file.open("a") as file:
        file.write(f'\n[ledger]\nfile = "{held}"\n')
    decide(raw, 3, now)
    around = Surroundings(raw.root, {}, lambda: now, io.BytesIO())
    publish(raw, around, by="aiko")
    assert (verify(raw).whole, verify(raw).signed) == (True, 4)
    for path in (*raw.ledger.rglob("*"), *raw.state.parent.iterdir()):
        if path.is_file():
            path.unlink()
    decide(raw, 4, now)
    assert {flaw.code for flaw in verify(raw).flaws} >= {"replaced"}
    assert verify(raw, outside=False).whole, "only what lies outside tells"
    assert {flaw.code for flaw in verify(raw, heads=read_heads(held), outside=False).flaws} >= {
        "replaced"
    }
    held.write_text("rubbish")
    assert [flaw.code for flaw in verify(raw).flaws] == ["witness"]


def test_what_people_hand_in(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("rubbish")
    for name in ("x", "none"):
        with pytest.raises(RequestError, match=name):
            read_heads(tmp_path / name)
    with pytest.raises(RequestError, match="no key"):
        read_public("rubbish")


def test_a_ledger_that_is_gone_is_not_empty(raw: Workspace, now: datetime) -> None:
    decide(raw, 2, now)
    for path in raw.ledger.iterdir():
        path.unlink()
    with pytest.raises(IntegrityError, match="decisions up to its entry 2 count"):
        entries(raw, 5)
