"""What AWS VPC flow logs mean, in text or in Parquet.

Source: the VPC user guide, "Flow log records" (fields of versions 2 to 5). A record is one direction at
one network interface in one aggregation window.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, State
from sekisho.model.protocols import TCP
from sekisho.sources.base import ReadContext
from sekisho.sources.blocks import Piece
from sekisho.sources.columns import decimal_micros, text, whole
from sekisho.sources.draft import Draft
from sekisho.sources.orientation import orient
from sekisho.sources.volume import header_bytes, volume

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DEFAULT = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport", "protocol",
    "packets", "bytes", "start", "end", "action", "log-status",
)  # fmt: skip
"""The fields of a log that nobody gave a format of its own."""
EVERY = (
    *DEFAULT, "vpc-id", "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr",
    "region", "az-id", "sublocation-type", "sublocation-id", "pkt-src-aws-service",
    "pkt-dst-aws-service", "flow-direction", "traffic-path",
)  # fmt: skip
"""All fields up to version 5, in the order of the guide."""
NEEDED = ("start", "protocol")
ENDS = (("srcaddr", "pkt-srcaddr"), ("dstaddr", "pkt-dstaddr"))
USED = (
    "srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "action",
    "log-status", "tcp-flags", "pkt-srcaddr", "pkt-dstaddr",
)  # fmt: skip

_FIN, _SYN, _RST, _ACK = 1, 2, 4, 16
_SYN_SIZE = (60, 80)
"""A SYN with all usual options over IPv4 and IPv6: more a packet is more than opening."""


def missing(names: tuple[str, ...]) -> list[str]:
    """The fields without which no flow can be told."""
    lacks = [name for name in NEEDED if name not in names]
    return lacks + [one for one, other in ENDS if one not in names and other not in names]


def take(piece: Piece, columns: dict[str, Any], rows: Ints, context: ReadContext, texts: Any) -> None:
    """Add records to a piece. `columns` has Arrow columns by field name; `-` and empty are unset."""
    count = len(rows)
    values = {name: _set(column) for name, column in columns.items()}

    def column(name: str) -> Any:
        found = values.get(name)
        return pa.nulls(count, pa.string()) if found is None else found

    draft = Draft(rows, context)
    status = pc.fill_null(text(column("log-status")), "OK")
    nothing = _equal(status, "NODATA")
    skipped = _equal(status, "SKIPDATA")
    draft.ignore(nothing | skipped)
    start, no_start = decimal_micros(column("start"), 6)
    end, no_end = decimal_micros(column("end"), 6)
    _evidence(piece, start[nothing & ~no_start], end[nothing & ~no_end], skipped)

    draft.times(start, no_start, np.where(no_end, start, end))
    for side, (own, packet) in zip(("src", "dst"), ENDS, strict=True):
        draft.address(side, pc.coalesce(text(column(packet)), text(column(own))), own)

    def number(name: str) -> Ints:
        found, bad = whole(column(name))
        draft.reject(bad, f"{name} is no whole number")
        return found

    draft.protocol(number("protocol"), "protocol")
    draft.ports(number("srcport"), number("dstport"), ("srcport", "dstport"))
    is_v4 = draft.columns["src_hi"] == V4_HI
    packets = number("packets")
    none = np.full(count, -1, dtype=np.int64)
    header = header_bytes(draft.columns["protocol"], is_v4)
    moved = volume(none, number("bytes"), packets, np.zeros(count, dtype=np.int64), header)
    draft.columns["bytes_out"], draft.columns["bytes_out_spread"] = moved.low, moved.spread
    draft.columns["packets_out"] = np.maximum(packets, 0)
    draft.flag(moved.unknown, Flag.BYTES_UNKNOWN)
    draft.flags |= int(Flag.ONE_WAY)

    refused = _equal(pc.fill_null(text(column("action")), ""), "REJECT")
    draft.columns["state"] = np.where(refused, int(State.DENIED), int(State.UNKNOWN))
    _handshake(draft, number("tcp-flags"), is_v4)
    fields = None
    if context.fields:
        names = sorted(context.fields)
        fields = pa.table({name: text(column(name)) for name in names})
    piece.take(draft, texts, fields)


def _handshake(draft: Draft, bits: Ints, is_v4: Bools) -> None:
    """The flags of a window, of which an ACK is told with a SYN only: 18 is the answer to a SYN.

    So a SYN without ACK may have data behind it: SYN_ONLY stays where nothing says so.
    """
    bits = np.where((draft.columns["protocol"] == TCP) & (bits > 0), bits, 0)
    opens = (bits & (_SYN | _ACK)) == _SYN
    answers = (bits & (_SYN | _ACK)) == _SYN | _ACK
    draft.flag(opens, Flag.SYN_ONLY)
    draft.flag(answers, Flag.SYN_ACK)
    draft.flag((bits & _RST) != 0, Flag.RESET)
    full = np.where(is_v4, *_SYN_SIZE)
    size, packets = draft.columns["bytes_out"], draft.columns["packets_out"]
    more = opens & (((bits & _FIN) != 0) & (packets > 1) | (size > full * np.clip(packets, 1, 1 << 40)))
    orient(draft, answers=answers)
    draft.flags[more] &= ~int(Flag.SYN_ONLY)


def _evidence(piece: Piece, begins: Ints, ends: Ints, skipped: Bools) -> None:
    piece.alive += [begins, ends]
    if skipped.any():
        piece.notes.append(
            "SKIPDATA: in some windows AWS left records out; what is not found there may have been"
        )


def _set(column: Any) -> Any:
    if not pa.types.is_string(column.type):
        return column
    return pc.if_else(pc.equal(column, "-"), pa.scalar(None, pa.string()), column)


def _equal(column: Any, word: str) -> Bools:
    found: Bools = pc.equal(column, word).to_numpy(zero_copy_only=False)
    return found
