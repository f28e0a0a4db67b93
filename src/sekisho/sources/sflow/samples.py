"""Walking sFlow datagrams to the packets in them (sFlow Version 5, sflow.org, 2004).

Counter samples tell of interfaces, not of flows, and are counted only.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from ipaddress import ip_address

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.messages import Fault

_FLOW, _COUNTERS, _FLOW_EXPANDED, _COUNTERS_EXPANDED = 1, 2, 3, 4
_RAW_HEADER, _SWITCH = 1, 1001
_LINKS = {1: 1, 11: 101, 12: 101}
"""Header protocols Ethernet, IPv4 and IPv6 as link types."""
_HEAD = struct.Struct("!II")
_SHOWN = 64

Sampled = tuple[int, int, int, int, int, int, int, int]
"""Start and end of the header, link type, rate, input interface, VLAN (-1 unknown), datagram, agent."""


Agent = tuple[int, str, int]
"""The place of who sent it, and the agent's own address and sub-agent."""


@dataclass(slots=True)
class Samples:
    """Sampled packet headers, in the order in which they came.

    `agents` are (address, sub-agent), `senders` the places of the addresses that sent for them;
    `sequences` are (agent, number) of each datagram; `counters` are places of datagrams with counter
    samples or samples of other kinds, one entry a sample.
    """

    headers: list[Sampled] = field(default_factory=list)
    agents: list[tuple[str, int]] = field(default_factory=list)
    senders: list[int] = field(default_factory=list)
    sequences: list[tuple[int, int]] = field(default_factory=list)
    counters: list[int] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def samples_in(datagrams: Datagrams) -> Samples:
    """The samples of all datagrams; one that breaks off gives what stands before."""
    found = Samples()
    agents: dict[Agent, int] = {}
    bounds = zip(datagrams.starts.tolist(), datagrams.sizes.tolist(), strict=True)
    for place, (start, size) in enumerate(bounds):
        try:
            sender = int(datagrams.exporters[place])
            _datagram(datagrams.data, start, start + size, (place, sender), found, agents)
        except (struct.error, ValueError):
            reason = "the sFlow datagram is cut off or its lengths do not fit"
            row = int(datagrams.rows[place])
            found.faults.append(Fault(row, reason, datagrams.payload(place, _SHOWN)))
    found.agents = [(address, number) for _, address, number in agents]
    found.senders = [sender for sender, _, _ in agents]
    return found


def _datagram(
    data: bytes,
    at: int,
    end: int,
    came: tuple[int, int],
    found: Samples,
    agents: dict[Agent, int],
) -> None:
    place, sender = came
    _, kind = _HEAD.unpack_from(data, at)
    width = 4 if kind == 1 else 16
    address = str(ip_address(data[at + 8 : at + 8 + width]))
    at += 8 + width
    sub_agent, sequence, _, count = _within("!IIII", data, at, end)
    agent = agents.setdefault((sender, address, sub_agent), len(agents))
    found.sequences.append((agent, sequence))
    at += 16
    for _ in range(count):
        number, size = _within("!II", data, at, end)
        at += 8
        if size > end - at:
            raise ValueError("a sample does not fit")
        if number in (_FLOW, _FLOW_EXPANDED):
            _flow_sample(data, at, at + size, number == _FLOW_EXPANDED, place, agent, found)
        else:
            found.counters.append(place)
        at += size


def _flow_sample(
    data: bytes, at: int, end: int, expanded: bool, place: int, agent: int, found: Samples
) -> None:
    if expanded:
        _, _, _, rate, _, _, _, source, _, _, count = _within("!11I", data, at, end)
        at += 44
    else:
        _, _, rate, _, _, source, _, count = _within("!8I", data, at, end)
        source &= 0x3FFFFFFF
        at += 32
    header: tuple[int, int, int] | None = None
    vlan = -1
    for _ in range(count):
        number, size = _within("!II", data, at, end)
        at += 8
        if size > end - at:
            raise ValueError("a record does not fit")
        if number == _RAW_HEADER:
            protocol, _, _, length = _within("!IIII", data, at, at + size)
            if length > size - 16:
                raise ValueError("a header does not fit")
            if protocol in _LINKS:
                header = (at + 16, at + 16 + length, _LINKS[protocol])
        elif number == _SWITCH and size >= 4:
            (vlan,) = _within("!I", data, at, at + size)
        at += size
    if header is None:
        found.counters.append(place)
    else:
        found.headers.append((*header, rate, source, vlan, place, agent))


def _within(form: str, data: bytes, at: int, end: int) -> tuple[int, ...]:
    if struct.calcsize(form) > end - at:
        raise ValueError("cut off")
    return struct.unpack_from(form, data, at)
