from __future__ import annotations

from collections.abc import Callable

from tests.sources.listeners.conftest import Run

from sekisho.sources.journal.framing import Kind
from sekisho.sources.listeners.base import Listen, ListenPlan

PLAN = ListenPlan((Listen("tcp", "127.0.0.1", 0, Kind.MESSAGE),))


def test_both_framings_come_in_on_one_port(run: Callable[[ListenPlan], Run]) -> None:
    running = run(PLAN)
    with running.connect() as lines, running.connect() as counted:
        lines.sendall(b"<134>one\n<134>two\r\n<134>end without a feed")
        counted.sendall(b"8 <134>a\nb9 <134>four")
    kept, counters = running.stop()
    assert sorted(kept.rows) == [
        ("127.0.0.1", Kind.MESSAGE, text)
        for text in (b"<134>a\nb", b"<134>end without a feed", b"<134>four", b"<134>one", b"<134>two")
    ]
    assert (counters.accepted, counters.open, counters.received) == (2, 0, 5)
