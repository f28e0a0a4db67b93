from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.checking.deciding import campaign, decide
from sekisho.app.checking.intake import take_in
from sekisho.app.checking.standing import status
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def fleet(workspace: Workspace, listed: Path) -> Workspace:
    take_in(workspace, [listed], now=NOW, by="ken")
    return workspace


def test_a_terminal_is_excluded_until(fleet: Workspace) -> None:
    until = NOW + timedelta(days=30)
    found = decide(fleet, "th-plc", "exclude", now=LATER, by="ken", why="the line runs", until=until)
    assert (found.terminal.state, found.terminal.by, found.terminal.until) == ("excluded", "ken", until)
    assert status(fleet, now=LATER).states["excluded"] == 1
    assert status(fleet, now=until).states["excluded"] == 0
    decide(fleet, "th-plc", "include", now=LATER, by="ken", why="it stands")
    assert status(fleet, now=LATER).states["excluded"] == 0


def test_a_check_by_hand_keeps_its_evidence(fleet: Workspace, tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"what was seen")
    found = decide(fleet, "th-plc", "checked", now=LATER, by="ken", why="looked", evidence=photo)
    assert found.terminal.state == "checked_manually"
    digest = hashlib.sha256(b"what was seen").hexdigest()
    assert found.decisions[0].evidence == digest
    with open_decisions(fleet) as decisions:
        assert decisions.state.content(digest) == b"what was seen"
    with pytest.raises(RequestError, match="shown by evidence"):
        decide(fleet, "th-plc", "checked", now=LATER, by="ken", why="looked")


def test_two_are_merged_and_the_decision_follows(fleet: Workspace) -> None:
    decide(fleet, "lost", "exclude", now=LATER, by="ken", why="spare")
    found = decide(fleet, "lost", "merge", now=LATER, by="ken", why="same box", other="th-plc")
    assert found.terminal.state == "excluded"
    assert found.joined[0].why == "merged by ken: same box"
    assert status(fleet, now=LATER).terminals == 2
    with pytest.raises(RequestError, match="one terminal already"):
        decide(fleet, "lost", "merge", now=LATER, by="ken", why="same box", other="th-plc")


def test_a_check_that_nothing_is_set_up_for_is_asked_by_nobody(fleet: Workspace) -> None:
    with pytest.raises(RequestError, match="nothing is set up for the check indicators") as caught:
        campaign(fleet, "c", ["indicators"], now=LATER, by="ken", why="all")
    assert "intel refresh" in caught.value.mend
    campaign(fleet, "c", now=LATER, by="ken", why="all")
    asked = status(fleet, now=LATER).campaign.checks
    assert "services" in asked
    assert "indicators" not in asked


def test_what_is_refused(fleet: Workspace) -> None:
    with pytest.raises(RequestError, match="says why"):
        decide(fleet, "lost", "exclude", now=LATER, by="ken", why=" ")
    with pytest.raises(RequestError, match="in the future"):
        decide(fleet, "lost", "exclude", now=LATER, by="ken", why="x", until=NOW)
    with pytest.raises(RequestError, match="no check 'x'"):
        campaign(fleet, "march", ["x"], now=LATER, by="ken", why="x")
