"""Azure flow logs of network security groups and virtual networks: tuples, put together to flows.

Source: Azure Network Watcher, "NSG flow logs" (versions 1 and 2) and "Virtual network flow logs". A flow
is logged when it begins (B), goes on (C) and ends (E); counts are those since its last record.
"""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.protocols import TCP
from sekisho.sources import linewise
from sekisho.sources.base import Batch, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.cells import Separated, Text
from sekisho.sources.columns import decimal_micros, whole
from sekisho.sources.draft import Draft
from sekisho.sources.lines import Lines
from sekisho.sources.volume import LARGEST, within_frames

Ints = npt.NDArray[np.int64]

MOST_OPEN = 500_000
"""Flows waited for at most; the oldest is given as open beyond that."""
BEGIN, GOES_ON, END, DENIED, ALONE = "B", "C", "E", "D", "A"
"""States of a tuple; one of version 1 stands alone."""
_KEY = b'"flowTuples"'
_CHUNK = 1 << 20
_TUPLE = re.compile(rb'"([^"]*)"')
_LONGEST = 1 << 16
_BARE = 54
"""Bytes of a TCP packet without options or data over IPv4 in its Ethernet frame."""
_V6_MORE = 20


@dataclass(frozen=True, slots=True)
class Shape:
    """Where one kind of log has what; `power` is that of its times, as in times.micros_of_text."""

    power: int
    protocol: Callable[[Any], Ints]
    states: Callable[[Separated], Any]
    """The state of each tuple, null where it is none."""
    sizes: tuple[int, ...]
    """How many fields a tuple may have; with the most it has counts, the last four."""


def read(stream: BinaryIO, context: ReadContext, shape: Shape) -> Iterator[Batch]:
    """Batches of a stream; see `Reader.read`. A row is a tuple's place in the file."""
    tuples = cast("BinaryIO", _Tuples(stream))
    return linewise.read_joined(
        tuples, context, lambda lines: _parse(lines, context, shape), _Join(context)
    )


class _Tuples(io.RawIOBase):
    """The flow tuples of JSON of whatever nesting, one a line; one that is cut off says so."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = bytearray()
        self._ready = bytearray()
        self._inside = False

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes of lines; raises what the stream raises."""
        wanted = 1 << 62 if size < 0 else size
        while len(self._ready) < wanted:
            data = self._stream.read(_CHUNK)
            if not data:
                self._end()
                break
            self._held += data
            while self._step():
                pass
        given = bytes(self._ready[:wanted])
        del self._ready[: len(given)]
        return given

    def _step(self) -> bool:
        if not self._inside:
            found = self._held.find(_KEY)
            if found < 0:
                del self._held[: max(len(self._held) - len(_KEY), 0)]
                return False
            opened = self._held.find(b"[", found)
            if opened < 0:
                del self._held[:found]
                if len(self._held) > _LONGEST:
                    del self._held[: len(_KEY)]
                    return True
                return False
            del self._held[: opened + 1]
            self._inside = True
        shut = self._held.find(b"]")
        cut = shut if shut >= 0 else self._held.rfind(b'",') + 1
        for one in _TUPLE.finditer(self._held, 0, cut):
            self._ready += one[1].replace(b"\n", b" ") + b"\n"
        if shut >= 0:
            self._inside = False
            del self._held[: shut + 1]
            return True
        del self._held[:cut]
        if len(self._held) > _LONGEST:
            # No tuple is so long: what it is is told once, and the search goes on behind it.
            self._ready += self._held[:_LONGEST].replace(b"\n", b" ") + b"\n"
            self._inside = False
            return True
        return False

    def _end(self) -> None:
        done = 0
        for found in _TUPLE.finditer(self._held) if self._inside else ():
            self._ready += found[1].replace(b"\n", b" ") + b"\n"
            done = found.end()
        left = self._held[done:].strip(b' \r\n\t,"')
        if self._inside and left:
            self._ready += left.replace(b"\n", b" ") + b",cut off\n"
        self._held.clear()
        self._inside = False


class _Tuple(NamedTuple):
    row: int
    at: int
    key: tuple[str, str, int, int, int]
    """Source, destination, their ports, protocol."""
    state: str
    counts: tuple[int, int, int, int] | None
    """Packets and bytes there, packets and bytes back."""


@dataclass(slots=True)
class _Made:
    tuples: list[_Tuple] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    ignored: int = 0


class _Flow(NamedTuple):
    row: int
    start: int
    end: int
    key: tuple[str, str, int, int, int]
    state: str
    counts: tuple[int, int, int, int] | None
    begun: bool
    """Whether its beginning was logged."""


def _parse(lines: Lines, context: ReadContext, shape: Shape) -> _Made:
    """The tuples of a block. What is wrong with one is found by a draft of them all."""
    made = _Made()
    text = Text.of(lines)
    rows = lines.first + np.arange(lines.count, dtype=np.int64)
    cells = Separated(text, b",")
    draft = Draft(rows, context)
    draft.ignore(text.blank())
    draft.reject(~np.isin(cells.counts, shape.sizes), "is no flow tuple, or cut off")
    at, timeless = decimal_micros(cells.column(0), shape.power)
    draft.times(at, timeless, at)
    draft.address("src", cells.column(1), "the source")
    draft.address("dst", cells.column(2), "the destination")
    protocol = shape.protocol(cells.column(5))
    draft.protocol(protocol, "the protocol")
    ports = [whole(cells.column(place))[0] for place in (3, 4)]
    draft.ports(ports[0], ports[1], ("the source's port", "the destination's port"))
    states = shape.states(cells)
    draft.reject(states.is_null().to_numpy(zero_copy_only=False), "its decision or state is not known")
    counted = cells.counts == max(shape.sizes)
    numbers = []
    for place in range(-4, 0):
        found, wrong = whole(cells.column(max(shape.sizes) + place))
        draft.reject(counted & wrong, "a count is no whole number")
        numbers.append(np.clip(found, 0, LARGEST))
    _, failed, kept = draft.finish()
    made.ignored = int((rows[text.blank()] >= context.first_row).sum())
    if failed:
        every = lines.texts()
        made.rejects = [
            Reject.of(int(rows[index]), reason, every[index])
            for index, reason in failed
            if rows[index] >= context.first_row
        ]
    good = np.arange(lines.count) if kept is None else np.flatnonzero(kept)
    taken = pa.array(good)
    columns = (
        rows[good].tolist(),
        at[good].tolist(),
        cells.column(1).take(taken).to_pylist(),
        cells.column(2).take(taken).to_pylist(),
        draft.columns["src_port"][good].tolist(),
        draft.columns["dst_port"][good].tolist(),
        protocol[good].tolist(),
        states.take(taken).to_pylist(),
        counted[good].tolist(),
        *(number[good].tolist() for number in numbers),
    )
    made.tuples = [
        _Tuple(row, when, (src, dst, sport, dport, proto), state, (a, b, c, d) if has else None)
        for row, when, src, dst, sport, dport, proto, state, has, a, b, c, d in zip(
            *columns, strict=True
        )
    ]
    return made


class _Join:
    """Flows that have begun and not ended yet."""

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._open: OrderedDict[tuple[str, str, int, int, int], _Flow] = OrderedDict()

    def take(self, made: _Made) -> Piece:
        piece = Piece(rejects=made.rejects, ignored=made.ignored)
        flows: list[_Flow] = []
        for one in made.tuples:
            if one.state in (DENIED, ALONE):
                flows.append(_Flow(one.row, one.at, one.at, one.key, one.state, one.counts, begun=True))
                continue
            before = self._open.pop(one.key, None)
            if before is not None and one.state == BEGIN:
                flows.append(before)
                before = None
            if before is None:
                grown = _Flow(
                    one.row, one.at, one.at, one.key, one.state, _counts(one), one.state == BEGIN
                )
            else:
                piece.ignored += before.row >= self._context.first_row
                grown = before._replace(
                    row=one.row, end=max(one.at, before.end), state=one.state,
                    counts=_added(before.counts, one.counts),
                )  # fmt: skip
            if one.state == END:
                flows.append(grown)
                continue
            self._open[one.key] = grown
            if len(self._open) > MOST_OPEN:
                flows.append(self._open.popitem(last=False)[1])
        self._give(piece, flows)
        return piece

    def rest(self) -> Piece:
        piece = Piece()
        self._give(piece, sorted(self._open.values(), key=lambda flow: flow.row))
        self._open.clear()
        return piece

    def _give(self, piece: Piece, flows: list[_Flow]) -> None:
        flows = [flow for flow in flows if flow.row >= self._context.first_row]
        if not flows:
            return
        fields = None
        if self._context.fields:
            nothing = pa.nulls(len(flows), pa.string())
            fields = pa.table(dict.fromkeys(sorted(self._context.fields), nothing))
        piece.take(_draft(flows, self._context), lambda: [b""] * len(flows), fields)


def _counts(one: _Tuple) -> tuple[int, int, int, int] | None:
    """A beginning has no counts, whatever stands there."""
    return None if one.state == BEGIN else one.counts


def _added(
    one: tuple[int, int, int, int] | None, other: tuple[int, int, int, int] | None
) -> tuple[int, int, int, int] | None:
    if one is None or other is None:
        return other if one is None else one
    a, b, c, d = (min(x + y, LARGEST) for x, y in zip(one, other, strict=True))
    return a, b, c, d


def _draft(flows: list[_Flow], context: ReadContext) -> Draft:
    draft = Draft(np.array([flow.row for flow in flows], dtype=np.int64), context)
    never = np.zeros(len(flows), dtype=np.bool_)
    start = np.array([flow.start for flow in flows], dtype=np.int64)
    draft.times(start, never, np.array([flow.end for flow in flows], dtype=np.int64))
    src, dst, src_port, dst_port, protocol = zip(*(flow.key for flow in flows), strict=True)
    draft.address("src", pa.array(src, pa.string()), "the source")
    draft.address("dst", pa.array(dst, pa.string()), "the destination")
    draft.protocol(np.array(protocol, dtype=np.int64), "the protocol")
    ports = [np.array(one, dtype=np.int64) for one in (src_port, dst_port)]
    draft.ports(ports[0], ports[1], ("the source's port", "the destination's port"))
    known = np.array([flow.counts is not None for flow in flows], dtype=np.bool_)
    counts = np.array([flow.counts or (0, 0, 0, 0) for flow in flows], dtype=np.int64)
    for way, place in (("out", 0), ("in", 2)):
        packets, frames = counts[:, place], counts[:, place + 1]
        draft.columns[f"packets_{way}"] = packets
        low, spread = within_frames(frames, packets)
        draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = low, spread
    draft.flag(~known, Flag.BYTES_UNKNOWN)
    _states(draft, flows, known, counts)
    uids = ["/".join(map(str, (*flow.key, flow.start))) for flow in flows]
    draft.columns["uid"] = pa.array(uids, pa.string())
    draft.columns["orientation"] = np.full(len(flows), int(Orientation.STATED), dtype=np.int64)
    return draft


def _states(draft: Draft, flows: list[_Flow], known: Any, counts: Ints) -> None:
    """Whether a TCP answer was more than a reset: a packet without options or data says no more."""
    words = np.array([flow.state for flow in flows])
    going = np.isin(words, (BEGIN, GOES_ON))
    midway = ~np.array([flow.begun for flow in flows], dtype=np.bool_)
    there, back, size = counts[:, 0], counts[:, 2], counts[:, 3]
    bare = _BARE + np.where(draft.columns["src_hi"] == V4_HI, 0, _V6_MORE)
    tcp = draft.columns["protocol"] == TCP
    substance = size > bare * np.minimum(back, LARGEST >> 8)
    talked = (back >= 2) & (there >= 2) & substance
    established = (back > 0) & (~tcp | talked | midway)
    draft.columns["state"] = np.select(
        [words == DENIED, known & established, known & tcp & (back > 0) & ~substance,
         known & (back == 0) & ~going & ~midway],
        [int(State.DENIED), int(State.ESTABLISHED), int(State.REJECTED), int(State.NO_REPLY)],
        int(State.UNKNOWN),
    )  # fmt: skip
    draft.flag(going, Flag.OPEN)


def one_of(column: Any, choices: dict[str, str]) -> Any:
    """Words as states, null where they are none."""
    found = pc.index_in(column, pa.array(list(choices), pa.string()))
    return pa.array(list(choices.values()), pa.string()).take(found)
