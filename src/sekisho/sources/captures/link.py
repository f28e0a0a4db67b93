"""Where the IP packet begins in a frame (link types: tcpdump.org/linktypes.html)."""

from __future__ import annotations

import numpy as np

from sekisho.sources.captures.packets import Ints, Octets

ETHERNET, NULL, LOOP, LINUX_SLL, LINUX_SLL2 = 1, 0, 108, 113, 276
RAW = (12, 14, 101, 228, 229)
_TAGS = (0x8100, 0x88A8, 0x9100)
_TAGS_DEEP = 4
_IP = (0x0800, 0x86DD)
NOWHERE = -1


def ip_starts(octets: Octets, starts: Ints, links: Ints) -> Ints:
    """The first byte of each IP packet, NOWHERE where the frame holds none; `octets` are padded."""
    result = np.full(len(starts), NOWHERE, dtype=np.int64)
    for link in np.unique(links).tolist():
        mine = np.flatnonzero(links == link)
        result[mine] = _of_kind(octets, starts[mine], link)
    return result


def _of_kind(octets: Octets, starts: Ints, link: int) -> Ints:
    if link in RAW:
        return starts
    if link in (NULL, LOOP):
        return starts + 4
    if link == ETHERNET:
        return _untagged(octets, starts + 12)
    if link == LINUX_SLL:
        return _untagged(octets, starts + 14)
    if link == LINUX_SLL2:
        return np.where(np.isin(_pair(octets, starts), _IP), starts + 20, NOWHERE)
    return np.full(len(starts), NOWHERE, dtype=np.int64)


def _untagged(octets: Octets, types: Ints) -> Ints:
    """Past the VLAN tags that stand where the type of the frame does (IEEE 802.1Q, 802.1ad)."""
    at = types
    for _ in range(_TAGS_DEEP):
        tagged = np.isin(_pair(octets, at), _TAGS)
        if not tagged.any():
            break
        at = np.where(tagged, at + 4, at)
    return np.where(np.isin(_pair(octets, at), _IP), at + 2, NOWHERE)


def _pair(octets: Octets, at: Ints) -> Ints:
    at = np.minimum(at, len(octets) - 2)
    numbers: Ints = octets[at].astype(np.int64) << 8 | octets[at + 1]
    return numbers
