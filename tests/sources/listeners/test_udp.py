from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.sources.listeners.conftest import Kept

from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.journal import Journal
from sekisho.sources.listeners.backlog import Backlog
from sekisho.sources.listeners.base import Listen
from sekisho.sources.listeners.peers import Peers
from sekisho.sources.listeners.udp import UdpListener

Open = Callable[..., UdpListener]
HERE = frozenset({parse_address("127.0.0.1"), parse_address("::1")})


@pytest.fixture
def backlog(tmp_path: Path) -> Iterator[Backlog]:
    opened = Backlog(Journal(tmp_path), 64 << 20)
    yield opened
    opened.close()


@pytest.fixture
def listener(backlog: Backlog) -> Iterator[Open]:
    made: list[UdpListener] = []

    def start(
        host: str = "127.0.0.1", content: Kind = Kind.DATAGRAM, size: int = 1 << 20
    ) -> UdpListener:
        listen = Listen("udp", host, 0, content, receive_buffer=size)
        made.append(UdpListener(listen, backlog, Peers(HERE)))
        return made[-1]

    yield start
    for one in made:
        one.socket.close()


def send(listener: UdpListener, *payloads: bytes, source: str = "127.0.0.1") -> None:
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.bind((source, 0))
        for payload in payloads:
            sender.sendto(payload, ("::1" if ":" in source else "127.0.0.1", listener.bound.port))


def finish(listener: UdpListener, backlog: Backlog) -> None:
    while listener.drain(64):
        continue
    listener.close()
    backlog.close()


def test_datagrams_of_any_size_are_kept(
    tmp_path: Path, listener: Open, backlog: Backlog, kept: Callable[[Path], Kept]
) -> None:
    one = listener()
    sizes = [1, 65_507, 1464, 0, 65_507]
    send(one, *(b"\x05" * size for size in sizes))
    finish(one, backlog)
    assert [(peer, kind, len(data)) for peer, kind, data in kept(tmp_path).rows] == [
        ("127.0.0.1", Kind.DATAGRAM, size) for size in sizes
    ]
    assert (one.counters.received, one.counters.bytes, one.counters.queue) == (5, sum(sizes), 0)


def test_both_families_come_in_and_messages_are_messages(
    tmp_path: Path, listener: Open, backlog: Backlog, kept: Callable[[Path], Kept]
) -> None:
    one = listener("::", Kind.MESSAGE)
    send(one, b"<134>four")
    send(one, b"<134>six", source="::1")
    finish(one, backlog)
    assert kept(tmp_path).rows == [
        ("127.0.0.1", Kind.MESSAGE, b"<134>four"),
        ("::1", Kind.MESSAGE, b"<134>six"),
    ]


def test_strangers_are_counted_and_never_kept(
    tmp_path: Path, listener: Open, backlog: Backlog, kept: Callable[[Path], Kept]
) -> None:
    one = listener()
    send(one, b"a", b"b", source="127.0.0.2")
    send(one, b"c")
    send(one, b"d", source="127.0.0.3")
    finish(one, backlog)
    assert kept(tmp_path).payloads == [b"c"]
    assert (one.counters.received, one.counters.strangers) == (1, 3)
    assert one.peers.strangers == {"127.0.0.2": 2, "127.0.0.3": 1}


def test_what_the_queue_drops_is_counted_to_the_last(
    tmp_path: Path, listener: Open, backlog: Backlog, kept: Callable[[Path], Kept]
) -> None:
    one = listener(size=16_384)
    send(one, *[bytes(1000)] * 300)
    one.look()
    first = one.counters.queue
    assert 200 < first < 300
    while one.drain(64):
        continue
    # These tell of the drops before them, which are known already.
    send(one, b"x", b"y")
    finish(one, backlog)
    assert one.counters.queue == first
    assert one.counters.received == 302 - first == len(kept(tmp_path).rows)


def test_a_datagram_tells_of_the_drops_before_it(listener: Open, backlog: Backlog) -> None:
    one = listener(size=16_384)
    send(one, *[bytes(1000)] * 300)
    while one.drain(64):
        continue
    assert one.counters.queue == 0
    send(one, b"x")
    assert not one.drain(64)
    assert one.counters.queue + one.counters.received == 301
    assert one.counters.queue > 200


def test_a_turn_has_an_end(listener: Open, backlog: Backlog) -> None:
    one = listener()
    send(one, *[b"x"] * 10)
    assert one.drain(4)
    assert one.counters.received == 4
    assert one.receive_buffer > 0
