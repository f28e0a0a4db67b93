"""The headers of datagrams: NetFlow v5 (Cisco), v9 (RFC 3954, 5.1) and IPFIX (RFC 7011, 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sekisho.sources.netflow.datagrams import Datagrams, Ints, gathered

V5, V9, IPFIX = 5, 9, 10
V5_RECORD = 48
HEADER_SIZES = {V5: 24, V9: 20, IPFIX: 16}
NO_UPTIME = -1

_V5 = np.dtype(
    [
        ("version", ">u2"),
        ("count", ">u2"),
        ("uptime", ">u4"),
        ("seconds", ">u4"),
        ("nanos", ">u4"),
        ("sequence", ">u4"),
        ("domain", ">u2"),
        ("sampling", ">u2"),
    ]
)
_V9 = np.dtype(
    [
        ("version", ">u2"),
        ("count", ">u2"),
        ("uptime", ">u4"),
        ("seconds", ">u4"),
        ("sequence", ">u4"),
        ("domain", ">u4"),
    ]
)
_IPFIX = np.dtype(
    [
        ("version", ">u2"),
        ("count", ">u2"),
        ("seconds", ">u4"),
        ("sequence", ">u4"),
        ("domain", ">u4"),
    ]
)
_KINDS = {V5: _V5, V9: _V9, IPFIX: _IPFIX}
_SAMPLING_BITS = 0x3FFF
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """A datagram or a part of one that could not be used: its row, why, and its first bytes."""

    row: int
    reason: str
    text: bytes = b""


@dataclass(frozen=True, slots=True)
class Messages:
    """Headers of one version, one entry a datagram.

    `index` is the datagram's place. `export` is microseconds since 1970, the arrival where the header
    has none; `uptime` milliseconds, -1 where the version has none. `count` is what the header says.
    `begin` and `end` bound the body in the buffer. `sampling` is the interval of v5, 0 where unstated.
    """

    version: int
    index: Ints
    domain: Ints
    sequence: Ints
    export: Ints
    uptime: Ints
    count: Ints
    begin: Ints
    end: Ints
    sampling: Ints

    def __len__(self) -> int:
        return len(self.index)


def parse(datagrams: Datagrams) -> tuple[list[Messages], list[Fault]]:
    """The headers by version, and the datagrams that are of none or too short."""
    octets = np.frombuffer(datagrams.data, dtype=np.uint8)
    versions = np.zeros(len(datagrams), dtype=np.int64)
    long_enough = datagrams.sizes >= 2
    at = datagrams.starts[long_enough]
    versions[long_enough] = octets[at].astype(np.int64) << 8 | octets[at + 1]
    faults: list[Fault] = []
    found: list[Messages] = []
    good = np.zeros(len(datagrams), dtype=np.bool_)
    for version, size in HEADER_SIZES.items():
        mask = (versions == version) & (datagrams.sizes >= size)
        good |= mask
        if mask.any():
            found.append(_headers(datagrams, octets, version, np.flatnonzero(mask)))
    for place in np.flatnonzero(~good).tolist():
        known = int(versions[place]) in HEADER_SIZES
        reason = (
            f"the header of version {versions[place]} is cut off"
            if known
            else "the datagram is neither NetFlow v5, v9 nor IPFIX"
        )
        faults.append(Fault(int(datagrams.rows[place]), reason, datagrams.payload(place, 64)))
    return found, faults


def _headers(
    datagrams: Datagrams, octets: npt.NDArray[np.uint8], version: int, index: Ints
) -> Messages:
    size, kind = HEADER_SIZES[version], _KINDS[version]
    starts = datagrams.starts[index]
    heads = gathered(octets, starts, size, kind)

    def field(name: str) -> Ints:
        numbers: Ints = heads[name].astype(np.int64)
        return numbers

    export = field("seconds") * _MICRO
    if version == V5:
        export += field("nanos") // 1000
    export = np.where(field("seconds") == 0, datagrams.arrivals[index], export)
    nothing = np.zeros(len(index), dtype=np.int64)
    end = starts + datagrams.sizes[index]
    if version == IPFIX:
        # A message may end before its datagram does, never after it.
        end = np.minimum(end, starts + np.maximum(field("count"), size))
    return Messages(
        version,
        index,
        field("domain"),
        field("sequence"),
        export,
        nothing + NO_UPTIME if version == IPFIX else field("uptime"),
        field("count"),
        starts + size,
        end,
        field("sampling") & _SAMPLING_BITS if version == V5 else nothing,
    )
