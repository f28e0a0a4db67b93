"""IPv4 and IPv6 headers, all packets at once (RFC 791, RFC 8200)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.model.addresses import V4_HI, V4_LO_FIRST
from sekisho.sources.captures.packets import Bools, Ints, Octets

_EXTENSIONS = (0, 43, 60)
_FRAGMENT, _AUTHENTICATION = 44, 51
_EXTENSIONS_DEEP = 8
_TOP = np.uint64(1 << 63)


@dataclass(frozen=True, slots=True)
class IpPackets:
    """One entry a packet; where `good` is not set nothing else means anything.

    `payload` is where the transport header begins and `end` where the packet ends, as far as it was
    captured; `length` is bytes of the whole IP packet. `fragment` is the offset in bytes, `more` whether
    others follow, `identity` what they share.
    """

    good: Bools
    src_hi: Ints
    src_lo: Ints
    dst_hi: Ints
    dst_lo: Ints
    protocol: Ints
    length: Ints
    payload: Ints
    end: Ints
    fragment: Ints
    more: Bools
    identity: Ints

    @property
    def whole(self) -> Bools:
        """Packets that are no fragments."""
        whole: Bools = self.good & (self.fragment == 0) & ~self.more
        return whole


def ip_packets(octets: Octets, starts: Ints, ends: Ints) -> IpPackets:
    """Read the packets that begin at `starts` (negative: none); `octets` are padded."""
    at = np.clip(starts, 0, len(octets) - 41)
    room = np.where(starts < 0, 0, ends - starts)
    version = octets[at] >> 4
    four, six = (version == 4) & (room >= 20), (version == 6) & (room >= 40)

    def number(offset: int, size: int) -> Ints:
        total = np.zeros(len(at), dtype=np.int64)
        for place in range(size):
            total = total << 8 | octets[at + offset + place]
        return total

    header = (octets[at] & 0x0F).astype(np.int64) * 4
    length = np.where(four, number(2, 2), number(4, 2) + 40)
    # Captures before segmentation offload have 0 here.
    length = np.where(four & (length == 0), room, length)
    good = (four & (header >= 20) & (length >= header)) | six
    flags = number(6, 2)
    words = {offset: _word(octets, at + offset) for offset in (8, 16, 24, 32)}
    fields = {
        "src_hi": np.where(four, V4_HI, words[8]),
        "src_lo": np.where(four, number(12, 4) + V4_LO_FIRST, words[16]),
        "dst_hi": np.where(four, V4_HI, words[24]),
        "dst_lo": np.where(four, number(16, 4) + V4_LO_FIRST, words[32]),
    }
    protocol = np.where(four, octets[at + 9], octets[at + 6]).astype(np.int64)
    payload = at + np.where(four, header, 40)
    fragment = np.where(four, (flags & 0x1FFF) * 8, 0)
    more = four & ((flags & 0x2000) != 0)
    identity = np.where(four, number(4, 2), 0)
    end = np.minimum(at + length, ends)
    if six.any():
        protocol, payload, fragment, more, identity = _extended(
            octets, six, protocol, payload, end, fragment, more, identity
        )
    return IpPackets(
        good, **fields, protocol=protocol, length=length, payload=payload, end=end,
        fragment=fragment, more=more, identity=identity,
    )  # fmt: skip


def _word(octets: Octets, at: Ints) -> Ints:
    total = np.zeros(len(at), dtype=np.uint64)
    for place in range(8):
        total = total << np.uint64(8) | octets[at + place].astype(np.uint64)
    signed: Ints = (total ^ _TOP).view(np.int64)
    return signed


def _extended(
    octets: Octets,
    six: Bools,
    protocol: Ints,
    payload: Ints,
    end: Ints,
    fragment: Ints,
    more: Bools,
    identity: Ints,
) -> tuple[Ints, Ints, Ints, Bools, Ints]:
    """Past the extension headers of IPv6; a chain longer than usual is left where it is."""
    fragment, more, identity = fragment.copy(), more.copy(), identity.copy()
    for _ in range(_EXTENSIONS_DEEP):
        is_fragment = six & (protocol == _FRAGMENT)
        is_auth = six & (protocol == _AUTHENTICATION)
        extended = (six & np.isin(protocol, _EXTENSIONS)) | is_fragment | is_auth
        # Behind a later fragment stands the middle of something.
        extended &= (fragment == 0) & (end - payload >= 8)
        if not extended.any():
            break
        at = np.where(extended, payload, 0)
        size = np.where(is_auth, (octets[at + 1].astype(np.int64) + 2) * 4, 0)
        size = np.where(is_auth, size, (octets[at + 1].astype(np.int64) + 1) * 8)
        size = np.where(is_fragment, 8, size)
        here = extended & is_fragment
        if here.any():
            pair = octets[at + 2].astype(np.int64) << 8 | octets[at + 3]
            fragment = np.where(here, pair & 0xFFF8, fragment)
            more = np.where(here, (pair & 1) == 1, more)
            shared = np.zeros(len(at), dtype=np.int64)
            for place in range(4, 8):
                shared = shared << 8 | octets[at + place]
            identity = np.where(here, shared, identity)
        protocol = np.where(extended, octets[at], protocol)
        payload = np.where(extended, payload + size, payload)
    return protocol, payload, fragment, more, identity
