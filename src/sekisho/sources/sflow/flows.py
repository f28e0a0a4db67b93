"""From sampled packets to flows: each stands for as many packets as the agent let pass between two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence as Names
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.model.flows import Flag
from sekisho.model.protocols import ICMP, ICMP6, TCP, WITH_PORTS
from sekisho.sources.base import Batch, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.captures.ip import ip_packets
from sekisho.sources.captures.link import ip_starts
from sekisho.sources.captures.packets import Bools, Ints, padded
from sekisho.sources.draft import Draft
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.sequence import Sequence
from sekisho.sources.orientation import orient
from sekisho.sources.sflow.samples import Samples, samples_in
from sekisho.sources.volume import LARGEST, scaled

FIELDS = ("exporter", "domain", "input", "vlan")
RATE_LIMIT = 1 << 31
AGENTS_LIMIT = 65_536
"""Agents whose datagrams are counted apart."""
EACH_LIMIT = 4096
"""Of them behind one sender: a forged one's leave room for others'."""
_SYN, _RST, _ACK = 2, 4, 16


class SflowReading:
    """One stream's samples; `sequences` count datagrams by sender, agent and sub-agent."""

    def __init__(
        self, context: ReadContext, sequences: dict[tuple[str, str, int], Sequence] | None = None
    ) -> None:
        self._context = context
        self.sequences = {} if sequences is None else sequences

    def batch(self, datagrams: Datagrams) -> Batch:
        """The flows of a piece. The time of a sample is the arrival of its datagram: it carries none."""
        found = samples_in(datagrams)
        self._sequence(found, datagrams.names)
        first = self._context.first_row
        piece = Piece()
        table = np.array(found.headers, dtype=np.int64).reshape(-1, 8)
        rows = datagrams.rows[table[:, 6]]
        table, rows = table[rows >= first], rows[rows >= first]
        if len(table):
            self._take(datagrams, table, rows, found, piece)
        if found.counters:
            others = datagrams.rows[np.array(found.counters, dtype=np.int64)]
            piece.ignored += int((others >= first).sum())
        piece.ignored += self._without_samples(datagrams, found)
        piece.rejects += [Reject.of(f.row, f.reason, f.text) for f in found.faults if f.row >= first]
        piece.rejects.sort(key=lambda reject: reject.row)
        return piece.batch(int(datagrams.rows.max()) if len(datagrams) else 0)

    def notes(self) -> tuple[str, ...]:
        """What sequence numbers say was lost."""
        return tuple(
            f"sFlow agent {agent}, sub-agent {number}: {sequence.lost} datagrams are missing by their"
            f" sequence numbers, {sequence.received} came"
            for (_, agent, number), sequence in self.sequences.items()
            if sequence.lost
        )

    def _take(
        self, datagrams: Datagrams, table: Ints, rows: Ints, found: Samples, piece: Piece
    ) -> None:
        draft, kept = _draft(datagrams, table, rows, self._context)
        piece.ignored += int((~kept).sum())
        if not len(draft):
            return
        wanted = self._context.fields
        fields = _raw_fields(table[kept], found, wanted) if wanted else None
        piece.take(draft, lambda: [b""] * len(draft), fields)

    def _without_samples(self, datagrams: Datagrams, found: Samples) -> int:
        held = np.zeros(len(datagrams), dtype=np.bool_)
        held[[header[6] for header in found.headers]] = True
        held[found.counters] = True
        faulty = [fault.row for fault in found.faults]
        empty = ~held & ~np.isin(datagrams.rows, faulty)
        return int((empty & (datagrams.rows >= self._context.first_row)).sum())

    def _sequence(self, found: Samples, names: Names[str]) -> None:
        held: Counter[str] | None = None
        for agent, number in found.sequences:
            key = (names[found.senders[agent]], *found.agents[agent])
            if key not in self.sequences:
                held = Counter(sender for sender, *_ in self.sequences) if held is None else held
                if len(self.sequences) >= AGENTS_LIMIT or held[key[0]] >= EACH_LIMIT:
                    continue
                held[key[0]] += 1
                self.sequences[key] = Sequence()
            sequence = self.sequences[key]
            sequence.take(np.array([number]), np.array([1]), np.array([True]))


def _draft(datagrams: Datagrams, table: Ints, rows: Ints, context: ReadContext) -> tuple[Draft, Bools]:
    """The sampled packets that are IP and begin with a transport header, and which those are."""
    octets = padded(datagrams.data)
    starts, ends, links = table[:, 0], table[:, 1], table[:, 2]
    ip = ip_packets(octets, ip_starts(octets, starts, links), ends)
    ports = ip.good & np.isin(ip.protocol, sorted(WITH_PORTS))
    room = ip.end - ip.payload
    kept = ip.good & (ip.fragment == 0) & (~ports | (room >= 4))
    rate = np.where((table[:, 3] > 0) & (table[:, 3] <= RATE_LIMIT), table[:, 3], context.sampling)
    when = datagrams.arrivals[table[:, 6]][kept]
    draft = Draft(rows[kept], context)
    for name in ("src_hi", "src_lo", "dst_hi", "dst_lo"):
        draft.columns[name] = getattr(ip, name)[kept]
    draft.times(when, when == 0, when)
    draft.protocol(ip.protocol[kept], "the protocol")
    at, has, space = ip.payload[kept], ports[kept], room[kept]

    def pair(offset: int) -> Ints:
        numbers: Ints = octets[at + offset].astype(np.int64) << 8 | octets[at + offset + 1]
        return numbers

    draft.ports(
        np.where(has, pair(0), 0),
        np.where(has, pair(2), 0),
        ("the source's port", "the destination's port"),
    )
    protocol = draft.columns["protocol"]
    is_icmp = ((protocol == ICMP) | (protocol == ICMP6)) & (space >= 2)
    kinds = np.where(is_icmp, pair(0), -1)
    draft.icmp(np.where(is_icmp, kinds >> 8, -1), np.where(is_icmp, kinds & 0xFF, -1))
    size = np.minimum(ip.length[kept], LARGEST)
    one = np.ones(len(draft), dtype=np.int64)
    low, spread = scaled(size, one - 1, one, rate[kept])
    sampled = rate[kept] > 1
    draft.columns["bytes_out"] = np.where(sampled, low, size)
    draft.columns["bytes_out_spread"] = np.where(sampled, spread, 0)
    draft.columns["packets_out"] = np.maximum(rate[kept], 1)
    draft.flag(sampled, Flag.SAMPLED)
    draft.flag(np.ones(len(draft), dtype=np.bool_), Flag.ONE_WAY)
    _handshake(draft, octets[at + 13].astype(np.int64), (protocol == TCP) & (space >= 14))
    orient(draft)
    return draft, kept


def _handshake(draft: Draft, bits: Ints, tcp: Bools) -> None:
    syn, ack = tcp & ((bits & _SYN) != 0), (bits & _ACK) != 0
    draft.flag(syn & ~ack, Flag.SYN_ONLY)
    draft.flag(syn & ack, Flag.SYN_ACK)
    draft.flag(tcp & ((bits & _RST) != 0), Flag.RESET)


def _raw_fields(table: Ints, found: Samples, wanted: frozenset[str]) -> pa.Table:
    columns: dict[str, Any] = {}
    for name in sorted(wanted):
        if name in ("exporter", "domain"):
            said = [str(agent[name == "domain"]) for agent in found.agents]
            columns[name] = pa.array(said, pa.string()).take(pa.array(table[:, 7]))
        elif name in ("input", "vlan"):
            numbers = table[:, 4 if name == "input" else 5]
            columns[name] = pa.array(numbers, mask=numbers < 0).cast(pa.string())
        else:
            columns[name] = pa.nulls(len(table), pa.string())
    return pa.table(columns)
