"""Which payloads of a capture are exports of flows, and of whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from sekisho.model.addresses import text_of
from sekisho.sources.base import Reject
from sekisho.sources.captures.fragments import Reassembly
from sekisho.sources.captures.packets import Bools, Ints, Scanner, packet_pieces, padded
from sekisho.sources.captures.pcap import MAGICS, PcapScanner
from sekisho.sources.captures.pcapng import MAGIC, PcapngScanner
from sekisho.sources.captures.udp import Payloads, udp_payloads
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.messages import IPFIX, V5, V9

_SFLOW = 5
_SFLOW_SMALLEST = 28
_PORTS = (2055, 2056, 4739, 9555, 9995, 9996)
"""Where collectors of NetFlow and IPFIX usually listen."""


@dataclass(frozen=True, slots=True)
class Exports:
    """Datagrams of both families in one piece of a capture; `others` are rows of all other packets."""

    netflow: Datagrams
    sflow: Datagrams
    others: Ints
    last_row: int


def is_capture(head: bytes) -> bool:
    """Whether content beginning with `head` is a packet capture."""
    return head[:4] in MAGICS or head[:4] == MAGIC


class CaptureReading:
    """One capture's exports, piece by piece."""

    def __init__(self) -> None:
        self._reassembly = Reassembly()

    def pieces(self, stream: BinaryIO) -> Iterator[Exports | Reject]:
        """Exports in the order of their packets; a Reject ends a capture that is damaged."""
        for piece in packet_pieces(stream, _Either()):
            if isinstance(piece, Reject):
                yield piece
                continue
            payloads = udp_payloads(piece, self._reassembly)
            netflow, sflow = families(payloads)
            used = payloads.rows[netflow | sflow]
            yield Exports(
                _datagrams(payloads, np.flatnonzero(netflow)),
                _datagrams(payloads, np.flatnonzero(sflow)),
                np.setdiff1d(piece.rows, used, assume_unique=True),
                int(piece.rows[-1]),
            )

    def fragments_given_up(self) -> int:
        """Fragmented packets that never became whole."""
        return self._reassembly.finish()


class _Either:
    """The scanner that the first bytes ask for."""

    def __init__(self) -> None:
        self._scanner: Scanner | None = None

    def scan(self, data: bytes, found: list[tuple[int, int, int, int, int]]) -> int:
        if self._scanner is None:
            if len(data) < 4:
                return 0
            self._scanner = PcapngScanner() if data[:4] == MAGIC else PcapScanner()
        return self._scanner.scan(data, found)


def netflow_of(stream: BinaryIO) -> Iterator[Datagrams | Reject]:
    """Only the NetFlow and IPFIX datagrams of a capture."""
    for piece in CaptureReading().pieces(stream):
        yield piece.netflow if isinstance(piece, Exports) else piece


def families(payloads: Payloads) -> tuple[Bools, Bools]:
    """Which payloads are NetFlow or IPFIX, and which sFlow, whatever their ports.

    v5 must be as long as its count says, IPFIX as its length says, and the first set of v9 and IPFIX must
    fit: other traffic in a capture passes for none of them but by chance. At a collector's usual port the
    version is enough, so that what is wrong there is named.
    """
    octets = padded(payloads.data)
    sizes = payloads.ends - payloads.starts

    def number(offset: int, size: int) -> Ints:
        at = np.minimum(payloads.starts + offset, len(octets) - 4)
        total = np.zeros(len(payloads), dtype=np.int64)
        for place in range(size):
            total = total << 8 | octets[at + place]
        return total

    version, count = number(0, 2), number(2, 2)
    by_record = count * 48 + 24
    v5 = (version == V5) & (count > 0) & ((sizes == by_record) | (payloads.cut & (sizes < by_record)))
    netflow = v5
    for one, header, least in ((V9, 20, 0), (IPFIX, 16, 2)):
        first, length = number(header, 2), number(header + 2, 2)
        ids = (first == least) | (first == least + 1) | (first >= 256)
        fits = (length >= 4) & (payloads.cut | (length <= sizes - header))
        if one == IPFIX:
            fits &= (count == sizes) | (payloads.cut & (count > sizes))
        netflow |= (version == one) & (sizes >= header + 4) & ids & fits
    kind = number(4, 4)
    sflow = (number(0, 4) == _SFLOW) & ((kind == 1) | (kind == 2)) & (sizes >= _SFLOW_SMALLEST)
    # The port of the destination stands six bytes before its payload.
    usual = np.isin(number(-6, 2), _PORTS) & np.isin(version, (V5, V9, IPFIX))
    return (netflow | usual) & ~sflow, sflow


def _datagrams(payloads: Payloads, places: Ints) -> Datagrams:
    ends = np.stack([payloads.src_hi[places], payloads.src_lo[places]], axis=1)
    different, which = np.unique(ends, axis=0, return_inverse=True)
    return Datagrams(
        payloads.data,
        payloads.starts[places],
        payloads.ends[places] - payloads.starts[places],
        which.reshape(-1).astype(np.int64),
        [text_of(hi, lo) for hi, lo in different.tolist()],
        payloads.times[places],
        payloads.rows[places],
    )
