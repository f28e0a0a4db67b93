from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.sources.listeners.conftest import Kept

from sekisho.sources.journal.framing import PAYLOAD_LIMIT, Kind
from sekisho.sources.journal.journal import Journal
from sekisho.sources.listeners.backlog import Backlog
from sekisho.sources.listeners.block import Block
from sekisho.sources.listeners.counters import Counters

PEER = bytes(10) + b"\xff\xff\x0a\x28\x00\x01"


def test_payloads_put_into_its_room_become_records(
    tmp_path: Path, kept: Callable[[Path], Kept]
) -> None:
    backlog, counters = Backlog(Journal(tmp_path), 8 << 20), Counters()
    block = Block(backlog, counters)
    sizes = [0, 1, PAYLOAD_LIMIT, *[60_000] * 20, 5]
    for size in sizes:
        room = block.room()
        assert len(room) == PAYLOAD_LIMIT
        room[:size] = b"x" * size
        block.keep(size, PEER, Kind.DATAGRAM, 7, 1)
    block.hand_over()
    block.hand_over()
    backlog.close()
    found = kept(tmp_path)
    assert found.damage == []
    assert [(peer, len(payload)) for peer, _, payload in found.rows] == [
        ("10.40.0.1", n) for n in sizes
    ]
    assert counters.disk == 0


def test_what_finds_no_room_behind_it_is_dropped_and_counted(
    tmp_path: Path, kept: Callable[[Path], Kept]
) -> None:
    backlog, counters = Backlog(Journal(tmp_path), 0), Counters()
    block = Block(backlog, counters)
    for _ in range(3):
        block.room()[:1] = b"x"
        block.keep(1, PEER, Kind.DATAGRAM, 7, 1)
    block.hand_over()
    backlog.close()
    assert counters.disk == 3
    assert kept(tmp_path).rows == []
