from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import Kind, framed, header, peer_bytes
from sekisho.sources.journal.journal import Journal
from sekisho.sources.journal.reading import Damage, Records, read_segment

Row = tuple[int, str, int, int, bytes]


def rows_of(blocks: list[Records]) -> list[Row]:
    """(kind, peer, port, arrival, payload) of every record."""
    return [
        (int(b.kinds[i]), b.names[b.peers[i]], int(b.ports[i]), int(b.arrivals[i]), b.payload(i))
        for b in blocks
        for i in range(len(b))
    ]


@pytest.fixture
def read() -> Callable[..., tuple[list[Row], list[Damage]]]:
    """All rows and all damage of a segment's bytes or file."""

    def reading(given: bytes | Path, block: int = 1 << 16) -> tuple[list[Row], list[Damage]]:
        content = given if isinstance(given, bytes) else given.read_bytes()
        blocks = list(read_segment(io.BytesIO(content), block))
        return rows_of(blocks), [one for b in blocks for one in b.damage]

    return reading


@pytest.fixture
def segment() -> Callable[..., bytes]:
    """The content of a segment of datagrams of one peer, arrivals 0, 1, 2 ..."""

    def make(*payloads: bytes, salt: int = 7) -> bytes:
        peer = peer_bytes(parse_address("10.40.0.1"))
        records = (
            framed(salt, Kind.DATAGRAM, peer, 2055, n, payload) for n, payload in enumerate(payloads)
        )
        return header(salt) + b"".join(records)

    return make


@pytest.fixture
def put() -> Callable[..., None]:
    """Append datagrams of one peer."""

    def appending(journal: Journal, *payloads: bytes, peer: str = "10.40.0.1", at: int = 5) -> None:
        for payload in payloads:
            journal.append(Kind.DATAGRAM, parse_address(peer), 2055, at, payload)

    return appending
