from __future__ import annotations

import io

import pytest

from sekisho.sources.journal.drops import Drop, drops
from sekisho.sources.journal.framing import Kind, framed, header
from sekisho.sources.journal.reading import read_segment

DROP = Drop("udp://0.0.0.0:2055", 1_590_969_600_000_000, 1_590_969_601_000_000, 7, 0)


def test_a_note_of_drops_is_read_from_among_the_records() -> None:
    notes = [DROP, Drop("tcp://[::]:514", 0, 1, 0, 3)]
    content = header(1) + framed(1, Kind.DATAGRAM, bytes(16), 1, 1, b"{}")
    content += b"".join(framed(1, Kind.DROPPED, bytes(16), 1, 1, one.payload) for one in notes)
    (block,) = read_segment(io.BytesIO(content))
    assert drops(block) == notes


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"7", b"{}", b'{"listener":1}', DROP.payload.replace(b":7", b":-7"), b"[" * 60_000,
     DROP.payload.replace(b":7", b":true"), DROP.payload.replace(b"}", b',"more":1}'), b"\xff"],
)  # fmt: skip
def test_a_note_that_is_none_is_a_value_error(payload: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Drop.of(payload)
