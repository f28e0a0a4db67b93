"""Records as nfdump writes them, of 1.6 and 1.7, one-way ones and bidirectional ones.

Source of the columns: nfdump 1.7.1's own output and nfdump(1). Times carry no zone and, up to 1.7, no
fraction; ICMP type and code stand in the port of the destination as `type.code`.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, State
from sekisho.model.protocols import ICMP, ICMP6
from sekisho.sources.base import ReadContext
from sekisho.sources.columns import decimal_micros, each, protocol_numbers, text, times, whole
from sekisho.sources.delimited import Layout, header_names
from sekisho.sources.draft import Draft
from sekisho.sources.orientation import orient
from sekisho.sources.times import zone
from sekisho.sources.volume import header_bytes, scaled, volume

Ints = npt.NDArray[np.int64]

NAMES: dict[str, tuple[str, ...]] = {
    "start": ("ts", "firstSeen"),
    "end": ("te", "lastSeen"),
    "duration": ("td", "duration"),
    "src": ("sa", "srcAddr"),
    "dst": ("da", "dstAddr"),
    "src_port": ("sp", "srcPort"),
    "dst_port": ("dp", "dstPort"),
    "protocol": ("pr", "proto"),
    "flags": ("flg", "flags"),
    "status": ("fwd",),
    "packets_out": ("ipkt", "packets"),
    "bytes_out": ("ibyt", "bytes"),
    "packets_in": ("opkt",),
    "bytes_in": ("obyt",),
}
"""What a column holds, by its name in 1.6 and 1.7 and in the short form of later ones."""
_NEEDED = ("start", "src", "dst", "protocol")
_OTHER = re.compile(
    rb"^(?:ts|te|firstSeen|Summary|Sys|Total|Time window|Ident|No ?match(?:ed|ing) ?flows|Aggregated)\b",
    re.M,
)
_HEADER = re.compile(rb"^(?:ts|te|firstSeen),", re.M)
_DROPPED = range(128, 192)
"""Forwarding status (RFC 7270, 4.12): the router dropped it."""
_SLACK = 2_000_000
"""Microseconds by which start, end and duration may disagree when each is cut to whole seconds."""


class NfdumpForm:
    """nfdump's lines: records below a header, and a summary below them."""

    def marks(self, layout: Layout) -> re.Pattern[bytes] | None:
        """See delimited.Form."""
        return _HEADER if layout.skip else _OTHER

    def after(self, line: bytes, layout: Layout) -> Layout:
        """See delimited.Form."""
        if not _HEADER.match(line):
            return Layout(layout.names, skip=True, fault="")
        names = header_names(line, ",")
        missing = _missing(names)
        return Layout(names, fault=f"its header has no {', '.join(missing)}" if missing else "")

    def columns(self, layout: Layout) -> tuple[str, ...]:
        """See delimited.Form."""
        return tuple(name for names in NAMES.values() for name in names if name in layout.names)

    def draft(
        self, columns: dict[str, Any], rows: npt.NDArray[np.int64], context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        """See delimited.Form."""
        return _draft(columns, rows, context), ()


def is_header(line: bytes) -> bool:
    """Whether a line names nfdump's columns, all that are needed among them."""
    return bool(_HEADER.match(line)) and not _missing(header_names(line.rstrip(b"\r"), ","))


def _missing(names: tuple[str, ...]) -> list[str]:
    return [NAMES[role][0] for role in _NEEDED if not any(name in names for name in NAMES[role])]


def _draft(columns: dict[str, Any], rows: Ints, context: ReadContext) -> Draft:
    draft = Draft(rows, context)
    count = len(rows)

    def column(role: str) -> Any:
        return next((columns[name] for name in NAMES[role] if name in columns), None)

    def filled(role: str) -> Any:
        found = column(role)
        return pa.nulls(count, pa.string()) if found is None else text(found)

    def number(role: str, default: int = 0) -> Ints:
        found = column(role)
        if found is None:
            return np.full(count, default, dtype=np.int64)
        values, bad = whole(found)
        draft.reject(bad, f"{role} is no whole number")
        return values

    _times(draft, filled("start"), filled("end"), filled("duration"), context)
    draft.address("src", filled("src"), "the source")
    draft.address("dst", filled("dst"), "the destination")
    draft.protocol(protocol_numbers(filled("protocol")), "the protocol")
    _ports(draft, filled("src_port"), filled("dst_port"))

    header = header_bytes(draft.columns["protocol"], draft.columns["src_hi"] == V4_HI)
    none = np.full(count, -1, dtype=np.int64)
    for way in ("out", "in"):
        packets, octets = np.maximum(number(f"packets_{way}"), 0), number(f"bytes_{way}")
        found = volume(none, octets, packets, np.zeros(count, dtype=np.int64), header)
        low, spread = found.low, found.spread
        if context.sampling > 1:
            low, spread = scaled(low, spread, packets, context.sampling)
            packets = packets * context.sampling
        draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = low, spread
        draft.columns[f"packets_{way}"] = packets
    if context.sampling > 1:
        draft.flags |= int(Flag.SAMPLED)

    _handshake(draft, filled("flags"))
    status, _ = each(filled("status"), int)
    dropped = np.isin(status, list(_DROPPED))
    draft.columns["state"] = np.where(dropped, int(State.DENIED), int(State.UNKNOWN))
    both = (draft.columns["packets_in"] > 0) | (draft.columns["bytes_in"] > 0)
    draft.flag(~both, Flag.ONE_WAY)
    orient(draft)
    return draft


def _times(draft: Draft, start: Any, end: Any, duration: Any, context: ReadContext) -> None:
    local = zone(context.timezone)
    begin, missing = times(start, None, local)
    last, no_end = times(end, None, local)
    lasting, no_duration = decimal_micros(duration, 6)
    # A duration over ten years is a negative one that wrapped; then the end says it better.
    sane = ~no_duration & (lasting >= 0) & (lasting < 10 * 366 * 86_400 * 1_000_000)
    measured = begin + np.where(sane, lasting, 0)
    close = no_end | (np.abs(measured - last) <= _SLACK)
    draft.times(begin, missing, np.where(sane & close, measured, np.where(no_end, begin, last)))


def _ports(draft: Draft, src: Any, dst: Any) -> None:
    protocol = draft.columns["protocol"]
    is_icmp = (protocol == ICMP) | (protocol == ICMP6)
    kinds, unknown = each(dst, _icmp)
    draft.icmp(
        np.where(is_icmp & ~unknown, kinds >> 8, -1), np.where(is_icmp & ~unknown, kinds & 0xFF, -1)
    )
    nothing = pa.scalar(None, pa.string())
    plain, bad_dst = whole(pc.if_else(pa.array(is_icmp), nothing, dst))
    source, bad_src = whole(pc.if_else(pa.array(is_icmp), nothing, src))
    draft.reject(bad_src, "the source's port is no whole number")
    draft.reject(bad_dst, "the destination's port is no whole number")
    draft.ports(source, plain, ("the source's port", "the destination's port"))


def _icmp(word: str) -> int:
    kind, dot, code = word.strip().partition(".")
    number = int(kind) * 256 + int(code) if dot else int(kind)
    if not 0 <= number < 65536:
        raise ValueError(word)
    return number


def _handshake(draft: Draft, flags: Any) -> None:
    """`...AP.SF` or a number; the letters of nfdump are CEUAPRSF, from the highest bit down."""
    bits, _ = each(flags, _bits)
    syn, ack, reset = (bits & 2) != 0, (bits & 16) != 0, (bits & 4) != 0
    draft.flag(syn & ~ack, Flag.SYN_ONLY)
    draft.flag(syn & ack, Flag.SYN_ACK)
    draft.flag(reset, Flag.RESET)


def _bits(word: str) -> int:
    shown = word.strip()
    if shown.isdigit() or shown.lower().startswith("0x"):
        return int(shown, 0) & 0xFF
    return sum(1 << "FSRPAUEC".index(letter) for letter in set(shown.upper()) if letter in "FSRPAUEC")
