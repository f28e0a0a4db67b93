from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import BEGIN, HEAD, MARKER, Kind, framed, header, peer_bytes
from sekisho.sources.journal.reading import Damage, read_segment
from sekisho.sources.journal.segments import SealedSegment, opened, pack

Segment = Callable[..., bytes]
Read = Callable[..., tuple[list[tuple[int, str, int, int, bytes]], list[Damage]]]
A, B = peer_bytes(parse_address("10.40.0.1")), peer_bytes(parse_address("2001:db8::2"))


@pytest.mark.parametrize("block", [1, 7, 41, 100, 1 << 20])
def test_records_come_back_as_they_were_whatever_the_block(read: Read, block: int) -> None:
    rows = [
        (1, "10.40.0.1", 2055, 1_590_969_600_000_000, b"\x00\x05" * 40),
        (2, "2001:db8::2", 514, -5, b""),
        (3, "10.40.0.1", 65_535, 0, MARKER * 3),
    ]
    peers = {"10.40.0.1": A, "2001:db8::2": B}
    content = header(9) + b"".join(framed(9, k, peers[p], *rest) for k, p, *rest in rows)
    assert read(content, block) == (rows, [])


def test_blocks_are_bounded_and_numbered_through(segment: Segment) -> None:
    content = segment(*(bytes([n]) * 500 for n in range(100)))
    blocks = list(read_segment(io.BytesIO(content), 4096))
    assert len(blocks) > 10
    assert all(len(one.data) < 4096 + 540 for one in blocks)
    assert [int(row) for one in blocks for row in one.rows] == list(range(1, 101))
    assert blocks[-1].end == len(content)


def test_datagrams_are_those_alone() -> None:
    kinds = [Kind.DATAGRAM, Kind.MESSAGE, Kind.DATAGRAM, Kind.DROPPED]
    content = header(1) + b"".join(framed(1, k, A, 1, n, b"%d" % n) for n, k in enumerate(kinds))
    (block,) = read_segment(io.BytesIO(content))
    datagrams = block.datagrams()
    assert [datagrams.payload(n) for n in range(len(datagrams))] == [b"0", b"2"]
    assert datagrams.rows.tolist() == [1, 3]
    assert [datagrams.names[n] for n in datagrams.exporters] == ["10.40.0.1"] * 2


def test_a_damaged_record_costs_itself_alone(read: Read, segment: Segment) -> None:
    content = bytearray(segment(b"one", b"two" * 100, b"three"))
    second = BEGIN + HEAD.size + 3
    content[second + HEAD.size + 20] ^= 4
    rows, damage = read(bytes(content))
    assert [row[4] for row in rows] == [b"one", b"three"]
    assert damage == [Damage(second, HEAD.size + 300, "bytes between whole records are damaged")]


def test_a_damaged_size_does_not_lead_astray(read: Read, segment: Segment) -> None:
    content = bytearray(segment(b"one", *[b"n" * 50] * 9))
    content[BEGIN + 9] ^= 1
    rows, damage = read(bytes(content), 100)
    assert len(rows) == 9
    assert [(one.offset, one.size) for one in damage] == [(BEGIN, HEAD.size + 3)]


def test_a_record_inside_a_payload_is_never_taken_for_one(read: Read, segment: Segment) -> None:
    forged = framed(0, Kind.DATAGRAM, B, 1, 1, b"forged")
    content = bytearray(segment(b"one", forged, b"two", salt=1234))
    content[BEGIN + HEAD.size + 3] ^= 1
    rows, _ = read(bytes(content))
    assert [row[4] for row in rows] == [b"one", b"two"]


@pytest.mark.parametrize(
    "content", [b"", b"SKJOURN1", header(1)[:-1], bytes(24), bytes(100), b"\xff" * 5000]
)
def test_what_is_no_segment_says_so(read: Read, content: bytes) -> None:
    rows, damage = read(content, 64)
    assert rows == []
    assert damage == [Damage(0, len(content), "the segment's header is damaged")]


def test_a_cut_compressed_segment_gives_what_it_holds(tmp_path: Path, segment: Segment) -> None:
    path = tmp_path / f"{1:020d}.journal"
    noise = [bytes((n * k) % 251 for k in range(1, 1400)) for n in range(1, 2000)]
    path.write_bytes(segment(*noise))
    packed = pack(SealedSegment(path, path.stem, 0))
    with packed.path.open("r+b") as stream:
        stream.truncate(packed.size - 100)
    with closing(opened(packed)) as stream:
        blocks = list(read_segment(stream, 1 << 16))
    assert sum(len(one) for one in blocks) > 100
    assert [one.size for b in blocks for one in b.damage] == [None]
    assert "zstd" in blocks[-1].damage[-1].reason


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_raises_and_all_bytes_are_accounted_for(data: st.DataObject) -> None:
    payloads = data.draw(st.lists(st.binary(max_size=80), min_size=1, max_size=8))
    whole = header(77) + b"".join(
        framed(77, Kind.DATAGRAM, A, 9, n, payload) for n, payload in enumerate(payloads)
    )
    content = bytearray(whole)
    for place in data.draw(st.lists(st.integers(BEGIN, len(whole) - 1), max_size=4)):
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    del content[data.draw(st.integers(BEGIN, len(whole))) :]
    if data.draw(st.booleans()):
        content += data.draw(st.binary(max_size=100))
    blocks = list(read_segment(io.BytesIO(content), data.draw(st.integers(1, 400))))
    given = [(int(b.arrivals[i]), b.payload(i)) for b in blocks for i in range(len(b))]
    assert set(given) <= set(enumerate(payloads))
    assert [n for n, _ in given] == sorted({n for n, _ in given})
    taken = sum(HEAD.size + len(payload) for _, payload in given)
    lost = sum(one.size or 0 for b in blocks for one in b.damage)
    assert BEGIN + taken + lost == len(content)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=600), st.integers(1, 300))
def test_any_bytes_after_a_header_are_read_to_their_end(noise: bytes, block: int) -> None:
    blocks = list(read_segment(io.BytesIO(header(3) + noise), block))
    assert sum(one.size or 0 for b in blocks for one in b.damage) == len(noise)


def test_beginnings_of_records_and_nothing_else_are_not_checked_for_hours(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sekisho.sources.journal import reading

    monkeypatch.setattr(reading, "CHECKED_IN_VAIN", 10 << 16)
    lie = (framed(9, 1, A, 1, 1, b"")[:8] + (1 << 16).to_bytes(4, "little")) * 20_000
    checked: list[int] = []
    monkeypatch.setattr(reading, "crc32", lambda data, salt: checked.append(len(data)) or salt + 1)
    rows, damage = read(header(9) + lie, 1 << 20)
    assert rows == []
    assert sum(one.size or 0 for one in damage) == len(lie)
    assert len(checked) <= 12
