from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.sources.forwarding.conftest import NOW

from sekisho.sources.forwarding.received import Received
from sekisho.sources.forwarding.told import losses, states
from sekisho.sources.forwarding.wire import DroppedSpan, Hello

SPAN = DroppedSpan(id="b" * 32, begin=NOW, end=NOW, segments=1, size=5, why="size")


def test_nothing_was_told(tmp_path: Path) -> None:
    assert states(tmp_path) == ()
    assert losses(tmp_path) == {}
    assert not list(tmp_path.iterdir()), "looking leaves nothing behind"


def test_the_last_that_was_said_counts(tmp_path: Path) -> None:
    received = Received(tmp_path)
    first = Hello(now=NOW, pending=3, pending_bytes=7, oldest=NOW - timedelta(days=1), dropped=(SPAN,))
    received.heard("th-plant", first, timedelta(seconds=-2), NOW)
    (state,) = states(tmp_path)
    assert (state.name, state.pending, state.pending_bytes) == ("th-plant", 3, 7)
    assert (state.ahead, state.oldest) == (timedelta(seconds=-2), NOW - timedelta(days=1))
    grown = SPAN.model_copy(update={"segments": 4, "end": NOW + timedelta(hours=1)})
    received.heard("th-plant", Hello(now=NOW, dropped=(grown,)), timedelta(0), NOW)
    received.heard("jp-hq", Hello(now=NOW, dropped=(SPAN,)), timedelta(0), NOW)
    assert losses(tmp_path) == {"th-plant": (grown,), "jp-hq": (SPAN,)}
    assert [one.oldest for one in states(tmp_path)] == [None, None]
    received.close()
