"""Check Point firewall logs as Log Exporter writes them: syslog, generic with bars, CEF and LEEF.

Source: Check Point, "Log Exporter" (sk122323) and "Log fields". A connection is logged when it is
accepted or dropped; with accounting on, later records of the same `loguid` carry its volume.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources import linewise
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.cells import Pairs, Text
from sekisho.sources.columns import each, protocol_numbers, times, whole
from sekisho.sources.draft import Draft
from sekisho.sources.lines import Lines, blocks_from
from sekisho.sources.syslog import heads
from sekisho.sources.times import zone
from sekisho.sources.volume import LARGEST, header_bytes, volume

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Notation:
    """How keys and values are written; bare values end at a boundary, and keys begin behind one."""

    told: str
    boundaries: bytes
    quoted: bool = False


_NOTATIONS = (
    _Notation(r"CEF:\d\|Check Point\|", b" |"),
    _Notation(r"LEEF:\d(?:\.\d)?\|Check Point\|", b"\t^|"),
    _Notation(r'[\[ ;](?:action|product|loguid|time|flags|origin):"', b" [;{", quoted=True),
    _Notation(r"(?:^|[ |])(?:time|action|product|loguid|origin|hostname)=[^|]*\|.*product=", b"|"),
)
_ROLES: dict[str, tuple[str, ...]] = {
    "start": ("start_time", "time", "rt", "devTime"),
    "elapsed": ("elapsed",),
    "src": ("src",),
    "dst": ("dst",),
    "src_port": ("s_port", "spt", "srcPort"),
    "dst_port": ("service", "dpt", "dstPort"),
    "protocol": ("proto",),
    "action": ("action", "act", "rule_action"),
    "uid": ("loguid",),
    "service": ("appi_name",),
    "icmp_type": ("icmp_type",),
    "icmp_code": ("icmp_code",),
    "bytes_out": ("client_inbound_bytes", "server_outbound_bytes", "sent_bytes"),
    "bytes_in": ("server_inbound_bytes", "client_outbound_bytes", "received_bytes"),
    "packets_out": ("client_inbound_packets", "server_outbound_packets"),
    "packets_in": ("server_inbound_packets", "client_outbound_packets"),
    "bytes": ("bytes",),
}
"""What a key holds, by its names in the order in which they are believed."""
_ALLOWED = ("accept", "allow", "bypass", "encrypt", "decrypt", "detect", "monitor", "inspect")
_DENIED = ("drop", "reject", "block", "prevent", "deny", "quarantine", "http_blocked")
_CLOCK = re.compile(r"(?:([0-9]{1,5}):)?([0-9]{1,2}):([0-9]{2})")
_TOLD = re.compile("|".join(notation.told for notation in _NOTATIONS).encode())


class Checkpoint:
    """Check Point, Log Exporter."""

    name = "checkpoint"
    family = "checkpoint"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By Check Point's keys in one of its notations."""
        for line in head.split(b"\n")[:64]:
            if _TOLD.search(line) and (b"Check" in line or b"loguid" in line):
                return 88
        return 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Records without two ends, and of what was no connection, are no flows."""
        items = blocks_from(stream, context.first_row)
        return linewise.read(items, context, lambda lines: _convert(lines, context))


def _convert(lines: Lines, context: ReadContext) -> Piece:
    piece = Piece()
    text = Text.of(lines)
    column = text.lines()
    kinds = _kinds(column)
    blank = text.blank()
    piece.ignored += int(blank.sum())
    strange = np.flatnonzero((kinds < 0) & ~blank)
    every = lines.texts() if len(strange) else []
    piece.rejects += [
        Reject.of(lines.first + index, "is no Check Point log record", every[index])
        for index in strange.tolist()
    ]
    for kind, notation in enumerate(_NOTATIONS):
        taken = np.flatnonzero((kinds == kind) & ~blank)
        if len(taken):
            part, written = text.only(taken), column.take(pa.array(taken))
            if not notation.quoted:
                # The first key stands behind no boundary but the header.
                head = heads(written, zone(context.timezone), context.now)
                part = part.beginning(part.begins + head.begins)
            pairs = Pairs(
                part,
                equals=b":" if notation.quoted else b"=",
                boundaries=notation.boundaries,
                quoted=notation.quoted,
            )
            _take(piece, lines, pairs, written, taken, context)
    piece.rejects.sort(key=lambda reject: reject.row)
    return piece


def _kinds(column: Any) -> Ints:
    """Which notation each line has; -1 where none."""
    kinds = np.full(len(column), -1, dtype=np.int64)
    for kind, notation in reversed(list(enumerate(_NOTATIONS))):
        found = pc.fill_null(pc.match_substring_regex(column, notation.told), fill_value=False)
        kinds[found.to_numpy(zero_copy_only=False)] = kind
    return kinds


def _take(
    piece: Piece, lines: Lines, pairs: Pairs, column: Any, taken: Ints, context: ReadContext
) -> None:
    def texts() -> list[bytes]:
        every = lines.texts()
        return [every[index] for index in taken.tolist()]

    draft = _draft(pairs, column, lines.first + taken, context)
    fields = None
    if context.fields:
        fields = pa.table({name: pairs.column(name) for name in sorted(context.fields)})
    piece.take(draft, texts, fields)


def _draft(pairs: Pairs, column: Any, rows: Ints, context: ReadContext) -> Draft:
    draft = Draft(rows, context)
    draft.reject(pairs.unbalanced, "quotes do not match")
    given = {role: _first(pairs, names) for role, names in _ROLES.items()}
    action = pc.fill_null(pc.utf8_lower(given["action"]), "")
    denied = _one_of(action, _DENIED)
    ended = given["src"].is_valid().to_numpy(zero_copy_only=False)
    ended &= given["dst"].is_valid().to_numpy(zero_copy_only=False)
    draft.ignore(~(denied | _one_of(action, _ALLOWED)) | ~ended)

    def number(role: str) -> Ints:
        found, bad = whole(given[role])
        draft.reject(bad, f"{_ROLES[role][0]} is no whole number")
        return found

    _times(draft, given, column, context)
    draft.address("src", given["src"], "src")
    draft.address("dst", given["dst"], "dst")
    draft.protocol(protocol_numbers(given["protocol"]), "proto")
    draft.ports(number("src_port"), number("dst_port"), ("s_port", "service"))
    draft.icmp(number("icmp_type"), number("icmp_code"))
    _volumes(draft, {role: number(role) for role in _ROLES if role.startswith(("bytes", "packets"))})
    draft.columns["state"] = np.where(denied, int(State.DENIED), int(State.UNKNOWN))
    draft.columns["service"] = pc.utf8_lower(given["service"])
    draft.columns["uid"] = given["uid"]
    draft.columns["orientation"] = np.full(len(rows), int(Orientation.STATED), dtype=np.int64)
    return draft


def _times(draft: Draft, given: dict[str, Any], column: Any, context: ReadContext) -> None:
    local = zone(context.timezone)
    start, missing = times(given["start"], None, local)
    if missing.any():
        head = heads(column, local, context.now)
        start, missing = np.where(missing, head.at, start), missing & head.timeless
    lasting, unknown = each(given["elapsed"], _seconds)
    draft.times(start, missing, start + np.where(unknown, 0, lasting) * 1_000_000)


def _volumes(draft: Draft, number: dict[str, Ints]) -> None:
    """Either end's bytes where accounting tells them apart, else one number for both."""
    count = len(draft)
    never = np.zeros(count, dtype=np.int64)
    none = np.full(count, -1, dtype=np.int64)
    header = header_bytes(draft.columns["protocol"], draft.columns["src_hi"] == V4_HI)
    summed = (number["bytes_out"] < 0) & (number["bytes_in"] < 0) & (number["bytes"] > 0)
    for way in ("out", "in"):
        packets = number[f"packets_{way}"]
        moved = volume(none, number[f"bytes_{way}"], packets, never, header)
        either = np.minimum(number["bytes"], LARGEST)
        draft.columns[f"bytes_{way}"] = moved.low
        draft.columns[f"bytes_{way}_spread"] = np.where(summed, either, moved.spread)
        draft.columns[f"packets_{way}"] = np.maximum(packets, 0)
        draft.flag(moved.unknown & ~summed, Flag.BYTES_UNKNOWN)
    draft.flag(summed, Flag.SUMMED)


def _first(pairs: Pairs, names: tuple[str, ...]) -> Any:
    found = [pairs.column(name) for name in names]
    return found[0] if len(found) == 1 else pc.coalesce(*found)


def _seconds(word: str) -> int:
    found = _CLOCK.fullmatch(word)
    if found is None:
        if not word.isdecimal() or len(word) > 9:
            raise ValueError(word)
        return int(word)
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])


def _one_of(column: Any, choices: tuple[str, ...]) -> Bools:
    found: Bools = pc.is_in(column, pa.array(choices, pa.string())).to_numpy(zero_copy_only=False)
    return found
