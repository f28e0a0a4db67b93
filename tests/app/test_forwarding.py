from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.forwarding import (
    backlog,
    certificate,
    collectors,
    forward,
    losses,
    receive,
    waiting_here,
)
from sekisho.app.workspace import Workspace, init
from sekisho.errors import RequestError
from sekisho.sources.forwarding.received import Received
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.forwarding.wire import DroppedSpan, Hello

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return init(tmp_path).workspace


def test_both_ends_say_what_is_missing(workspace: Workspace) -> None:
    settings = workspace.settings({}).settings.collect
    with pytest.raises(RequestError, match="no centre"):
        forward(workspace, settings, stop=threading.Event())
    with pytest.raises(RequestError, match="is not set"):
        receive(workspace, settings, stop=threading.Event())


def test_how_a_site_stands(workspace: Workspace) -> None:
    with pytest.raises(RequestError, match="nothing has been spooled"):
        backlog(workspace)
    Spool(workspace.spool)
    assert backlog(workspace).pending == 0


def test_how_the_centre_stands(workspace: Workspace) -> None:
    assert (collectors(workspace), losses(workspace), waiting_here(workspace)) == ((), {}, {})
    span = DroppedSpan(id="a" * 32, begin=NOW, end=NOW, segments=1, size=1, why="age")
    received = Received(workspace.received)
    received.heard("th", Hello(now=NOW, pending=2, dropped=(span,)), timedelta(seconds=1), NOW)
    for lane in ("live", "late"):
        (workspace.received / "th" / lane).mkdir(parents=True)
        (workspace.received / "th" / lane / f"{5:020d}.journal").touch()
    assert [(one.name, one.pending) for one in collectors(workspace)] == [("th", 2)]
    assert losses(workspace) == {"th": (span,)}
    assert waiting_here(workspace) == {"th": 2}
    received.close()


def test_the_authority_is_made_once(tmp_path: Path) -> None:
    made = [certificate(tmp_path, name, [], now=NOW, lasts=timedelta(days=1)) for name in ("a", "b")]
    assert [fresh for _, fresh in made] == [True, False]
