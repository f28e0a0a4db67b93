"""Cisco ASA and FTD syslog: connections built and torn down, and what an access list denied.

Source: Cisco ASA Series Syslog Messages, 106023, 106100, 302013 to 302016. Of a connection the first
message tells who opened it and the last one how much data moved, both directions in one number.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.protocols import TCP
from sekisho.model.translated import Ends
from sekisho.sources import linewise
from sekisho.sources.asa_messages import (
    ACCESS,
    BUILT,
    DENIED,
    MESSAGE,
    TEARDOWN,
    Event,
    Messages,
    parse,
)
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.blocks import Piece
from sekisho.sources.draft import Draft
from sekisho.sources.orientation import orient
from sekisho.sources.translated import Translations
from sekisho.sources.volume import LARGEST, header_bytes, volume

Ints = npt.NDArray[np.int64]

MOST_OPEN = 500_000
"""Connections waited for at most; the oldest is given as open beyond that."""
MOST_EARLIER = 50_000
"""Connections of earlier readings that are remembered; of older ones the end alone tells."""
_MEMORY = "cisco-asa"
_SURELY_ONE_WAY = 8192
"""Of so many bytes in both directions one carried 4 KiB at least."""
_ABSORBED = 60_000_000
"""Microseconds from a permit (106100) within which the connection it let through is built."""
_BY_DEVICE = re.compile(
    r"ips|inspect|deny|denied|flow (?:closed|terminated|reset)|appliance|unauth", re.I
)


class CiscoAsa:
    """ASA and FTD syslog."""

    name = "cisco-asa"
    family = "asa"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By one of the messages read here; by others of the device with less certainty."""
        found = [match[1].decode() for match in MESSAGE.finditer(head)]
        if not found:
            return 0
        return 90 if any(number in (*BUILT, *TEARDOWN, *DENIED, *ACCESS) for number in found) else 50

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. A connection's row is that of its last message; other messages are no flows."""
        join = _Join(context)
        return linewise.read_joined(stream, context, lambda lines: parse(lines, context), join)


class _Flow(NamedTuple):
    """A flow in the making; ends in the order initiator, responder unless `guessed`."""

    row: int
    start: int
    end: int
    src: str
    src_port: int
    dst: str
    dst_port: int
    protocol: int
    state: int = int(State.UNKNOWN)
    flags: int = 0
    data: int = -1
    packets: int = 0
    icmp: int = -1
    uid: str | None = None
    host: str = ""
    message: str = ""
    guessed: bool = False
    mapped_src: tuple[str, int] | None = None
    mapped_dst: tuple[str, int] | None = None


@dataclass(slots=True)
class _Waiting:
    flow: _Flow
    inbound: bool


class _Join:
    """Connections built that are not torn down yet, and permits that no connection followed yet."""

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._open: OrderedDict[str, _Waiting] = OrderedDict()
        self._permits: OrderedDict[tuple[Any, ...], _Flow] = OrderedDict()
        earlier = context.memory.get(_MEMORY)
        if not isinstance(earlier, OrderedDict):
            earlier = context.memory[_MEMORY] = OrderedDict()
        self._earlier: OrderedDict[str, _Waiting] = earlier
        """Those that were open at the end of an earlier reading, and were given as open flows then."""

    def take(self, made: Messages) -> Piece:
        piece = Piece(rejects=list(made.rejects), ignored=made.ignored)
        flows: list[_Flow] = []
        for event in made.events:
            if event.number in BUILT:
                self._built(event, piece, flows)
            elif event.number in TEARDOWN:
                flows.append(self._torn_down(event, piece))
            elif event.number in ACCESS and event.permitted:
                self._permitted(event, piece, flows)
            else:
                flows.append(_denied(event))
        self._give(piece, flows)
        return piece

    def rest(self) -> Piece:
        piece = Piece()
        left = [waiting.flow for waiting in self._open.values()]
        left += self._permits.values()
        for uid, waiting in self._open.items():
            self._earlier.pop(uid, None)
            self._earlier[uid] = waiting
        while len(self._earlier) > MOST_EARLIER:
            self._earlier.popitem(last=False)
        self._open.clear()
        self._permits.clear()
        self._give(piece, sorted(left, key=lambda flow: flow.row))
        return piece

    def _built(self, event: Event, piece: Piece, flows: list[_Flow]) -> None:
        ends = (event.one, event.mapped_one), (event.other, event.mapped_other)
        (src, mapped_src), (dst, mapped_dst) = ends if event.inbound else reversed(ends)
        uid = f"{event.host}/{event.connection}"
        flow = _Flow(
            event.row, event.at, event.at, *src, *dst, event.protocol,
            flags=int(Flag.OPEN | Flag.BYTES_UNKNOWN), uid=uid, host=event.host, message=event.number,
            mapped_src=mapped_src, mapped_dst=mapped_dst,
        )  # fmt: skip
        permit = self._permits.get((event.host, *src, *dst, event.protocol))
        if permit is not None and 0 <= event.at - permit.start <= _ABSORBED:
            del self._permits[(event.host, *src, *dst, event.protocol)]
            self._superseded(permit.row, piece)
        before = self._open.pop(uid, None)
        if before is not None:
            flows.append(before.flow)
        self._open[uid] = _Waiting(flow, event.inbound)
        if len(self._open) > MOST_OPEN:
            flows.append(self._open.popitem(last=False)[1].flow)

    def _torn_down(self, event: Event, piece: Piece) -> _Flow:
        uid = f"{event.host}/{event.connection}"
        waiting = self._open.get(uid)
        if waiting is not None and _ends(waiting.flow) != {event.one, event.other}:
            # The number was given again, or never was this connection's.
            waiting = None
        earlier = self._earlier.pop(uid, None) if waiting is None else None
        if earlier is not None and _ends(earlier.flow) != {event.one, event.other}:
            earlier = None
        begun_as = waiting or earlier
        state, flags = _outcome(event, None if begun_as is None else begun_as.inbound)
        common: dict[str, Any] = {
            "row": event.row, "end": event.at, "state": state, "flags": flags, "data": event.data,
            "uid": uid, "host": event.host, "message": event.number,
        }  # fmt: skip
        if waiting is None and earlier is not None:
            # Its open flow was given with that reading; of two with one uid the last one stands.
            return earlier.flow._replace(**common)
        if waiting is None:
            begun = event.at - event.duration
            flow = _Flow(
                src=event.one[0], src_port=event.one[1], dst=event.other[0], dst_port=event.other[1],
                protocol=event.protocol, start=begun, guessed=True, **common,
            )  # fmt: skip
            return flow._replace(flags=flags | int(Flag.MIDSTREAM))
        del self._open[uid]
        self._superseded(waiting.flow.row, piece)
        return waiting.flow._replace(**common)

    def _permitted(self, event: Event, piece: Piece, flows: list[_Flow]) -> None:
        """A permit is the first word of a connection, which a device may or may not go on to log."""
        key = (event.host, *event.one, *event.other, event.protocol)
        if event.interval or key in self._permits:
            self._superseded(event.row, piece)
            return
        flags = int(Flag.OPEN | Flag.BYTES_UNKNOWN)
        self._permits[key] = _Flow(
            event.row, event.at, event.at, *event.one, *event.other, event.protocol,
            flags=flags, icmp=event.icmp, host=event.host, message=event.number,
        )  # fmt: skip
        if len(self._permits) > MOST_OPEN:
            flows.append(self._permits.popitem(last=False)[1])

    def _superseded(self, row: int, piece: Piece) -> None:
        piece.ignored += row >= self._context.first_row

    def _give(self, piece: Piece, flows: list[_Flow]) -> None:
        flows = [flow for flow in flows if flow.row >= self._context.first_row]
        if flows:
            fields = None
            if self._context.fields:
                known: dict[str, list[str]] = {
                    "host": [flow.host for flow in flows],
                    "message": [flow.message for flow in flows],
                }
                nothing = pa.nulls(len(flows), pa.string())
                fields = pa.table(
                    {name: known.get(name, nothing) for name in sorted(self._context.fields)}
                )
            draft = _draft(flows, self._context)
            piece.take_translations(draft, _translations(flows), fields)
            piece.take(draft, lambda: [b""] * len(flows), fields)
            piece.rejects.sort(key=lambda reject: reject.row)


def _ends(flow: _Flow) -> set[tuple[str, int]]:
    return {(flow.src, flow.src_port), (flow.dst, flow.dst_port)}


def _denied(event: Event) -> _Flow:
    """A denial; 106100 sums the packets of an interval up to `hits`, which ends with the message."""
    return _Flow(
        event.row, event.at - event.interval, event.at, *event.one, *event.other, event.protocol,
        state=int(State.DENIED), flags=int(Flag.BYTES_UNKNOWN), packets=min(event.hits, LARGEST),
        icmp=event.icmp, host=event.host, message=event.number,
    )  # fmt: skip


def _outcome(event: Event, inbound: bool | None) -> tuple[int, int]:
    """State and flags of a connection that was torn down.

    Reset-I is from the inside, Reset-O from the outside; a connection that the outside opened is inbound.
    """
    reason = event.reason
    reset = reason.startswith("TCP Reset")
    by_device = _BY_DEVICE.search(reason) is not None
    flags = int(Flag.RESET) if reset or by_device else 0
    if event.data > 0:
        flags |= int(Flag.SUMMED)
    if event.protocol != TCP:
        told = event.data >= _SURELY_ONE_WAY and not by_device
        return int(State.ESTABLISHED if told else State.UNKNOWN), flags
    if reason.startswith("SYN Timeout"):
        return int(State.NO_REPLY), flags
    if event.data > 0 or reason.startswith("TCP FINs"):
        return int(State.ESTABLISHED), flags
    if by_device:
        return int(State.DENIED), flags
    answered = {True: "TCP Reset-I", False: "TCP Reset-O"}.get(inbound) if inbound is not None else None
    refused = answered is not None and reason.startswith(answered)
    return int(State.REJECTED if refused else State.UNKNOWN), flags


def _translations(flows: list[_Flow]) -> Translations:
    """The ends of a connection are real ones, those in brackets are mapped."""
    nothing = (None, -1)

    def ends(pairs: list[tuple[Any, int]]) -> Ends:
        addresses, ports = zip(*pairs, strict=True)
        return Ends(pa.array(addresses, pa.string()), np.array(ports, dtype=np.int64))

    return Translations(
        src=ends([(flow.src, flow.src_port) for flow in flows]),
        dst=ends([(flow.dst, flow.dst_port) for flow in flows]),
        seen_src=ends([flow.mapped_src or nothing for flow in flows]),
        seen_dst=ends([flow.mapped_dst or nothing for flow in flows]),
    )


def _draft(flows: list[_Flow], context: ReadContext) -> Draft:
    columns = dict(zip(_Flow._fields, zip(*flows, strict=True), strict=True))

    def number(name: str) -> Ints:
        return np.array(columns[name], dtype=np.int64)

    draft = Draft(number("row"), context)
    draft.times(number("start"), np.zeros(len(flows), dtype=np.bool_), number("end"))
    draft.address("src", pa.array(columns["src"], pa.string()), "the first address")
    draft.address("dst", pa.array(columns["dst"], pa.string()), "the second address")
    draft.protocol(number("protocol"), "the protocol")
    draft.ports(number("src_port"), number("dst_port"), ("the first port", "the second port"))
    kinds = number("icmp")
    draft.icmp(np.where(kinds < 0, -1, kinds >> 8), np.where(kinds < 0, -1, kinds & 0xFF))
    draft.flags |= number("flags").astype(np.int32)
    draft.columns["state"] = number("state")
    draft.columns["packets_out"] = number("packets")
    draft.columns["uid"] = pa.array(columns["uid"], pa.string())

    data = number("data")
    none = np.full(len(flows), -1, dtype=np.int64)
    header = header_bytes(draft.columns["protocol"], draft.columns["src_hi"] == V4_HI)
    moved = volume(data, none, none, np.zeros(len(flows), dtype=np.int64), header)
    for way in ("out", "in"):
        draft.columns[f"bytes_{way}_spread"] = np.where(data > 0, moved.low + moved.spread, 0)
    draft.columns["orientation"] = np.full(len(flows), int(Orientation.STATED), dtype=np.int64)
    guessed = np.array(columns["guessed"], dtype=np.bool_)
    if guessed.any():
        orient(draft, where=guessed)
    return draft
