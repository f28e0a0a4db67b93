from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sources.listeners.conftest import Run

from sekisho.errors import RequestError
from sekisho.sources.journal.framing import Kind
from sekisho.sources.listeners.base import Listen, ListenPlan

Start = Callable[[ListenPlan], Run]
UDP = ListenPlan((Listen("udp", "127.0.0.1", 0),))


def test_several_listeners_fill_one_journal(run: Start) -> None:
    running = run(
        ListenPlan(
            (
                Listen("udp", "127.0.0.1", 0),
                Listen("udp", "127.0.0.1", 0, Kind.MESSAGE),
                Listen("tcp", "127.0.0.1", 0, Kind.MESSAGE),
            )
        )
    )
    for at, payload in enumerate((b"\x00\x05", b"<1>udp", b"<1>tcp\n")):
        with running.connect(at) as peer:
            peer.sendall(payload)
    kept, _ = running.stop()
    assert sorted((kind, payload) for _, kind, payload in kept.rows) == [
        (Kind.DATAGRAM, b"\x00\x05"),
        (Kind.MESSAGE, b"<1>tcp"),
        (Kind.MESSAGE, b"<1>udp"),
    ]
    assert running.whole
    assert running.status.state == "stopped"
    assert [one.name for one in running.status.listeners] == [one.name for one in running.bound]
    assert [one.counters.received for one in running.status.listeners] == [1, 1, 1]


def test_what_is_in_the_queue_at_a_stop_is_still_taken(run: Start) -> None:
    running = run(UDP)
    with running.connect() as peer:
        for number in range(5000):
            peer.send(b"%d" % number)
        kept, counters = running.stop()
    assert kept.payloads == [b"%d" % number for number in range(5000)]
    assert counters.received == running.status.written == 5000


def test_drops_are_noted_among_the_records_with_their_time(
    run: Start, tmp_path: Path, until: Callable[..., None]
) -> None:
    running = run(replace(UDP, backlog=1 << 20))
    until(lambda: running.status.state == "receiving")
    running.folder.rename(tmp_path / "away")
    with running.connect() as peer:
        for number in range(3000):
            peer.send(number.to_bytes(2, "big") * 600)
        # What the queue still holds would find the disk in order.
        until(lambda: running.waiting() == 0)
        (tmp_path / "away").rename(running.folder)
    kept, counters = running.stop()
    assert counters.received == 3000 - counters.queue
    assert counters.disk > 500
    assert len(kept.rows) == counters.received - counters.disk
    assert {one.listener for one in kept.drops} == {running.bound[0].name}
    assert sum(one.disk for one in kept.drops) == counters.disk
    assert all(running.status.since <= one.since < one.until for one in kept.drops)


def test_a_disk_that_stays_full_ends_in_a_status_that_says_so(run: Start) -> None:
    running = run(replace(UDP, reserve=1 << 62, patience=0.2))
    with running.connect() as peer:
        peer.send(b"x")
        kept, counters = running.stop()
    assert not running.whole
    assert kept.rows == []
    assert (counters.received, running.status.left, running.status.written) == (1, 1, 0)
    assert "reserve" in running.status.trouble


def test_one_listener_that_cannot_listen_leaves_nothing_open(run: Start) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(RequestError, match="cannot listen"):
            run(ListenPlan((*UDP.listens, Listen("udp", "127.0.0.1", port))))
    running = run(ListenPlan((Listen("udp", "127.0.0.1", port),)))
    with pytest.raises(RequestError, match="another process writes the journal"):
        run(UDP)
    running.stop()
