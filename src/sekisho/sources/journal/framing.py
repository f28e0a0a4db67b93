"""How a record stands in a segment. All numbers are little-endian.

A segment begins with 24 bytes: the magic, then twice a salt with the CRC-32 of both, so that no single damage
makes it unreadable. A record is a head of 40 bytes and its payload:

| at | bytes | |
|---|---|---|
| 0 | 4 | the marker, where a reader finds its feet again after damage |
| 4 | 4 | CRC-32 of all that follows, begun with the salt |
| 8 | 4 | payload's size |
| 12 | 2 | peer's port |
| 14 | 1 | kind |
| 15 | 1 | 0 |
| 16 | 8 | arrival, microseconds UTC since 1970 |
| 24 | 16 | peer's address, IPv4 mapped (RFC 4291, 2.5.5.2) |

The salt is nothing that a sender knows: a payload that looks like a record is never taken for one.
"""

from __future__ import annotations

import secrets
import struct
from enum import IntEnum
from ipaddress import IPv6Address
from zlib import crc32

from sekisho.model.addresses import IPAddress, number

MAGIC = b"SKJOURN1"
MARKER = b"\xf5JR\xa7"
PAYLOAD_LIMIT = 1 << 16
"""Bytes of a payload at most: more than a datagram can carry."""

_SALT = struct.Struct("<II")
BEGIN = len(MAGIC) + 2 * _SALT.size
"""Where the first record stands."""

HEAD = struct.Struct("<4sIIHBxq16s")
_CHECKED = struct.Struct("<IHBxq16s")
CHECKED_FROM = 8
"""Where in a record the bytes begin that its CRC covers."""


class Kind(IntEnum):
    """What a payload is."""

    DATAGRAM = 1
    """A UDP payload of NetFlow, IPFIX or sFlow."""
    MESSAGE = 2
    """One syslog message without its framing."""
    DROPPED = 3
    """How much a listener could not take (`drops.Drop`); its peer is the listener's own address."""


def new_salt() -> int:
    """A salt that no sender can guess."""
    return secrets.randbits(32)


def header(salt: int) -> bytes:
    """The first bytes of a segment."""
    return MAGIC + 2 * _SALT.pack(salt, crc32(MAGIC + salt.to_bytes(4, "little")))


def salt_of(begin: bytes) -> int | None:
    """The salt of a segment that begins with these bytes; None where neither copy is whole."""
    for start in (len(MAGIC), len(MAGIC) + _SALT.size):
        if len(begin) >= start + _SALT.size:
            salt, check = _SALT.unpack_from(begin, start)
            if crc32(MAGIC + begin[start : start + 4]) == check:
                return int(salt)
    return None


def peer_bytes(address: IPAddress) -> bytes:
    """An address as a record holds it."""
    return number(address).to_bytes(16, "big")


def peer_text(peer: bytes) -> str:
    """The address that a record holds, as JSON shows it."""
    address = IPv6Address(peer)
    return str(address.ipv4_mapped or address)


def framed(salt: int, kind: int, peer: bytes, port: int, arrival: int, payload: bytes) -> bytes:
    """One record. Raises ValueError where the payload is over the limit or the peer not 16 bytes."""
    if len(payload) > PAYLOAD_LIMIT:
        raise ValueError(f"a payload of {len(payload)} bytes is over the limit of {PAYLOAD_LIMIT}")
    if len(peer) != 16:
        raise ValueError(f"a peer has 16 bytes, not {len(peer)}")
    checked = _CHECKED.pack(len(payload), port, kind, arrival, peer)
    check = crc32(payload, crc32(checked, salt))
    return b"".join((MARKER, check.to_bytes(4, "little"), checked, payload))


def seal_in_place(
    salt: int, buffer: memoryview, at: int, size: int, peer: bytes, rest: tuple[int, int, int]
) -> int:
    """Put the head before a payload of `size` bytes that already stands at `at` + 40; where it ends.

    `rest` is kind, port and arrival. What receives straight into a block copies nothing this way.
    """
    kind, port, arrival = rest
    _CHECKED.pack_into(buffer, at + CHECKED_FROM, size, port, kind, arrival, peer)
    end = at + HEAD.size + size
    check = crc32(buffer[at + CHECKED_FROM : end], salt)
    buffer[at : at + CHECKED_FROM] = MARKER + check.to_bytes(4, "little")
    return end
