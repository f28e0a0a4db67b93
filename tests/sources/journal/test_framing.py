from __future__ import annotations

import pytest

from sekisho.model.addresses import parse_address
from sekisho.sources.journal.framing import (
    BEGIN,
    HEAD,
    MAGIC,
    PAYLOAD_LIMIT,
    Kind,
    framed,
    header,
    new_salt,
    peer_bytes,
    peer_text,
    salt_of,
    seal_in_place,
)

PEER = peer_bytes(parse_address("2001:db8::1"))


@pytest.mark.parametrize("text", ["10.40.0.1", "0.0.0.0", "2001:db8::1", "::", "fe80::1"])
def test_a_peer_comes_back_as_it_was_written(text: str) -> None:
    assert peer_text(peer_bytes(parse_address(text))) == text


def test_a_head_in_place_is_the_head_of_a_record_built_whole() -> None:
    payload = bytes(range(256)) * 5
    buffer = bytearray(2000)
    buffer[10 + HEAD.size : 10 + HEAD.size + len(payload)] = payload
    end = seal_in_place(99, memoryview(buffer), 10, len(payload), PEER, (Kind.MESSAGE, 514, 1234))
    assert bytes(buffer[10:end]) == framed(99, Kind.MESSAGE, PEER, 514, 1234, payload)


@pytest.mark.parametrize("at", range(len(MAGIC), BEGIN))
def test_no_single_damaged_byte_costs_the_salt(at: int) -> None:
    begin = bytearray(header(0x1234ABCD))
    begin[at] ^= 0x10
    assert salt_of(bytes(begin)) == 0x1234ABCD


def test_a_salt_of_which_both_copies_are_damaged_is_none() -> None:
    begin = bytearray(header(5))
    begin[len(MAGIC)] ^= 1
    begin[-1] ^= 1
    assert salt_of(bytes(begin)) is None
    assert salt_of(b"") is None


def test_what_no_segment_can_hold_is_refused() -> None:
    framed(1, Kind.MESSAGE, PEER, 0, 0, bytes(PAYLOAD_LIMIT))
    with pytest.raises(ValueError, match="over the limit of 65536"):
        framed(1, Kind.MESSAGE, PEER, 0, 0, bytes(PAYLOAD_LIMIT + 1))
    with pytest.raises(ValueError, match="16 bytes, not 4"):
        framed(1, Kind.MESSAGE, b"\1\2\3\4", 0, 0, b"")


def test_salts_differ() -> None:
    assert len({new_salt() for _ in range(20)}) > 15
