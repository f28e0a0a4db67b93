from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.sources.listeners.conftest import Run

from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import Kind
from sekisho.sources.listeners.base import Listen, ListenPlan

Start = Callable[[ListenPlan], Run]
PLAN = ListenPlan((Listen("tcp", "127.0.0.1", 0, Kind.MESSAGE),))


def ended(peer: socket.socket) -> bool:
    """Whether the other end closes, whatever is sent."""
    try:
        while peer.recv(1024):
            continue
    except ConnectionError:
        return True
    return True


def test_a_line_without_end_is_cut_off_counted_and_ended(run: Start) -> None:
    running = run(replace(PLAN, unfinished=0.5))
    with running.connect() as endless:
        endless.sendall(b"<134>short\n" + b"x" * 300_000)
        assert ended(endless)
    kept, counters = running.stop()
    assert kept.payloads == [b"<134>short"]
    assert (counters.framing, counters.stalled, counters.open) == (1, 1, 0)


def test_a_peer_that_stops_in_a_message_is_ended_and_one_that_is_silent_between_stays(
    run: Start,
) -> None:
    running = run(replace(PLAN, unfinished=0.5))
    with running.connect() as silent, running.connect() as stalled:
        silent.sendall(b"<134>one\n")
        stalled.sendall(b"40 <134>half")
        assert ended(stalled)
        silent.sendall(b"<134>two\n")
        kept, counters = running.stop()
    assert kept.payloads == [b"<134>one", b"<134>two"]
    assert (counters.stalled, counters.framing) == (1, 1)


def test_connections_have_a_limit_together_and_each_peer_its_own(run: Start) -> None:
    running = run(replace(PLAN, connections=4, connections_of_one=3))
    with ExitStack() as stack:
        mine = [stack.enter_context(running.connect()) for _ in range(3)]
        for one in mine:
            one.sendall(b"<1>mine\n")
        fourth = stack.enter_context(running.connect())
        assert ended(fourth)
        stack.enter_context(running.connect(source="127.0.0.2"))
        other = stack.enter_context(running.connect(source="127.0.0.3"))
        assert ended(other)
        _, counters = running.stop()
    assert (counters.accepted, counters.refused, counters.received) == (4, 2, 3)


def test_a_place_is_free_again_when_its_connection_is_over(
    run: Start, until: Callable[..., None]
) -> None:
    running = run(replace(PLAN, connections_of_one=1))
    for number in range(5):
        with running.connect() as one:
            one.sendall(b"<1>%d\n" % number)
            one.shutdown(socket.SHUT_WR)
            assert ended(one)
    kept, counters = running.stop()
    assert kept.payloads == [b"<1>%d" % number for number in range(5)]
    assert (counters.accepted, counters.refused, counters.open) == (5, 0, 0)


def test_a_stranger_is_not_listened_to(run: Start) -> None:
    running = run(replace(PLAN, allow=frozenset({parse_address("127.0.0.1")})))
    with running.connect(source="127.0.0.9") as stranger:
        assert ended(stranger)
    kept, counters = running.stop()
    assert (kept.rows, counters.strangers, counters.accepted) == ([], 1, 0)
    assert running.status.listeners[0].strangers == {"127.0.0.9": 1}


def test_peers_wait_while_the_disk_takes_nothing_and_nothing_is_lost(
    run: Start, tmp_path: Path, until: Callable[..., None]
) -> None:
    running = run(replace(PLAN, backlog=1 << 20, unfinished=0.3))
    running.folder.rename(tmp_path / "away")
    lines = b"".join(b"<134>%07d%s\n" % (number, b"x" * 990) for number in range(30_000))
    with running.connect() as peer:
        peer.settimeout(1)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < len(lines):
                sent += peer.send(lines[sent : sent + 65_536])
        assert sent < len(lines), "nothing held the peer back"
        (tmp_path / "away").rename(running.folder)
        peer.settimeout(30)
        peer.sendall(lines[sent:])
    kept, counters = running.stop()
    assert kept.payloads == lines.splitlines()
    assert (counters.disk, counters.stalled) == (0, 0)
