"""UDP payloads of the packets of a capture (RFC 768)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sekisho.sources.captures.fragments import Reassembly
from sekisho.sources.captures.ip import IpPackets, ip_packets
from sekisho.sources.captures.link import ip_starts
from sekisho.sources.captures.packets import Bools, Ints, Octets, Packets, padded

UDP = 17
_HEADER = 8


@dataclass(frozen=True, slots=True)
class Payloads:
    """Payload i is `data[starts[i] : ends[i]]`, `cut` where the capture did not keep all of it.

    The source is `src_hi`, `src_lo`; `times` are microseconds since 1970.
    """

    data: bytes
    starts: Ints
    ends: Ints
    cut: Bools
    src_hi: Ints
    src_lo: Ints
    times: Ints
    rows: Ints

    def __len__(self) -> int:
        return len(self.starts)


def udp_payloads(packets: Packets, reassembly: Reassembly) -> Payloads:
    """The payloads of whole packets, and of those whose last fragment came."""
    octets = padded(packets.data)
    found = ip_packets(octets, ip_starts(octets, packets.starts, packets.links), packets.ends)
    udp = found.good & (found.protocol == UDP)
    whole = np.flatnonzero(udp & found.whole & (found.end - found.payload >= _HEADER))
    data, joined = _reassembled(packets, found, np.flatnonzero(udp & ~found.whole), reassembly)
    if joined:
        octets = padded(data)
    heads = np.concatenate([found.payload[whole], np.array([j[0] for j in joined], dtype=np.int64)])
    ends = np.concatenate([found.end[whole], np.array([j[1] for j in joined], dtype=np.int64)])
    places = np.concatenate([whole, np.array([j[2] for j in joined], dtype=np.int64)])
    order = np.argsort(places, kind="stable")
    heads, ends, places = heads[order], ends[order], places[order]
    said = _length(octets, heads)
    # 0 stands for a datagram too long for the field (RFC 2675); then the packet says it.
    wanted = np.where(said >= _HEADER, heads + said, ends)
    return Payloads(
        data,
        heads + _HEADER,
        np.minimum(wanted, ends),
        wanted > ends,
        found.src_hi[places],
        found.src_lo[places],
        packets.times[places],
        packets.rows[places],
    )


def _length(octets: Octets, heads: Ints) -> Ints:
    numbers: Ints = octets[heads + 4].astype(np.int64) << 8 | octets[heads + 5]
    return numbers


def _reassembled(
    packets: Packets, found: IpPackets, places: Ints, reassembly: Reassembly
) -> tuple[bytes, list[tuple[int, int, int]]]:
    """The buffer with what became whole behind it, and (start, end, place of the last fragment)."""
    joined: list[tuple[int, int, int]] = []
    tail: list[bytes] = []
    size = len(packets.data)
    for place in places.tolist():
        key = (
            int(found.src_hi[place]),
            int(found.src_lo[place]),
            int(found.dst_hi[place]),
            int(found.dst_lo[place]),
            int(found.identity[place]),
        )
        piece = packets.data[int(found.payload[place]) : int(found.end[place])]
        whole = reassembly.add(
            key,
            int(found.fragment[place]),
            piece,
            int(packets.times[place]),
            more=bool(found.more[place]),
        )
        if whole is not None and len(whole) >= _HEADER:
            joined.append((size, size + len(whole), place))
            tail.append(whole)
            size += len(whole)
    return (packets.data + b"".join(tail) if tail else packets.data), joined
