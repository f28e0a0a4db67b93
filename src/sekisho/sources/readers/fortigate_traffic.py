"""FortiGate traffic logs: `key=value` pairs in any order, some quoted, behind any syslog header.

Source: FortiOS log reference, type traffic (5.6 to 7.4). A record is written when its session ends; long
sessions write interim ones whose counts are totals so far.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.protocols import TCP
from sekisho.model.translated import Ends
from sekisho.sources import linewise
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.cells import Pairs, Text
from sekisho.sources.columns import decimal_micros, each, protocol_numbers, times, whole
from sekisho.sources.draft import Draft
from sekisho.sources.lines import Lines, blocks_from
from sekisho.sources.times import zone
from sekisho.sources.translated import Translations
from sekisho.sources.volume import header_bytes, volume

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_BOUNDARIES = b" ,>"
_TYPE = re.compile(rb'(?:^|[ ,>])type="?traffic"?[ ,]')
_ENDS = re.compile(rb'[ ,]srcip="?[0-9A-Fa-f:.]+"? ?')
_DENIED = "^(deny|block|drop|reject|violation)"
_FAILED = ("dns", "ip-conn")
"""FortiOS names connections that came to nothing so: no answer to a name query, no route or reply."""
_UNNAMED = ("unscanned", "unknown", "")
_ICMP = re.compile(r"icmp6?/([0-9]{1,3})/([0-9]{1,3})")


class FortigateTraffic:
    """FortiOS traffic: forward, local, multicast and sniffer."""

    name = "fortigate-traffic"
    family = "fortigate"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a record of type traffic with FortiOS's names."""
        lines = head.split(b"\n")[:256]
        told = any(_TYPE.search(line) and _ENDS.search(line) and b"logid=" in line for line in lines)
        return 90 if told else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Records of other types are no flows."""
        items = blocks_from(stream, context.first_row)
        return linewise.read(items, context, lambda lines: _convert(lines, context))


def _convert(lines: Lines, context: ReadContext) -> Piece:
    piece = Piece()
    text = Text.of(lines)
    pairs = Pairs(text, boundaries=_BOUNDARIES)
    kinds = pc.fill_null(pairs.column("type"), "")
    traffic = _equal(kinds, "traffic")
    strange = _equal(kinds, "") & ~text.blank()
    piece.ignored += int((~traffic & ~strange).sum())
    every = lines.texts() if strange.any() else []
    piece.rejects += [
        Reject.of(lines.first + index, "is no FortiGate log record: it has no type=", every[index])
        for index in np.flatnonzero(strange).tolist()
    ]
    taken = np.flatnonzero(traffic)
    if len(taken):
        if len(taken) < len(text):
            pairs = Pairs(text.only(taken), boundaries=_BOUNDARIES)

        def texts() -> list[bytes]:
            every = lines.texts()
            return [every[index] for index in taken.tolist()]

        draft = _draft(pairs, lines.first + taken, context)
        fields = None
        if context.fields:
            fields = pa.table({name: pairs.column(name) for name in sorted(context.fields)})
        piece.take_translations(draft, _translations(pairs), fields)
        piece.take(draft, texts, fields)
    piece.rejects.sort(key=lambda reject: reject.row)
    return piece


def _draft(pairs: Pairs, rows: Ints, context: ReadContext) -> Draft:
    draft = Draft(rows, context)
    draft.reject(pairs.unbalanced, "quotes do not match")

    def number(name: str) -> Ints:
        found, bad = whole(pairs.column(name))
        draft.reject(bad, f"{name} is no whole number")
        return found

    _times(draft, pairs, zone(context.timezone))
    draft.address("src", pairs.column("srcip"), "srcip")
    draft.address("dst", pairs.column("dstip"), "dstip")
    draft.protocol(protocol_numbers(pairs.column("proto")), "proto")
    draft.ports(number("srcport"), number("dstport"), ("srcport", "dstport"))
    kinds, unknown = each(pairs.column("service"), _icmp)
    draft.icmp(np.where(unknown, -1, kinds >> 8), np.where(unknown, -1, kinds & 0xFF))

    header = header_bytes(draft.columns["protocol"], draft.columns["src_hi"] == V4_HI)
    none = np.full(len(rows), -1, dtype=np.int64)
    counts = {name: number(name) for name in ("sentbyte", "rcvdbyte", "sentpkt", "rcvdpkt")}
    for way, end in (("out", "sent"), ("in", "rcvd")):
        packets, size = counts[f"{end}pkt"], counts[f"{end}byte"]
        moved = volume(none, size, packets, np.zeros(len(rows), dtype=np.int64), header)
        draft.flag(moved.unknown, Flag.BYTES_UNKNOWN)
        draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = moved.low, moved.spread
        draft.columns[f"packets_{way}"] = np.maximum(packets, 0)
    _states(draft, pairs, counts["rcvdbyte"], counts["rcvdpkt"])

    app = pc.utf8_lower(pairs.column("app"))
    scanned = ~_one_of(pc.fill_null(pc.utf8_lower(pairs.column("appcat")), ""), _UNNAMED)
    nothing = pa.scalar(None, pa.string())
    draft.columns["service"] = pc.if_else(pa.array(scanned), app, nothing)
    session = pc.fill_null(pairs.column("sessionid"), "0")
    device = [pc.fill_null(pairs.column(name), "") for name in ("devid", "vd")]
    uid = pc.binary_join_element_wise(*device, session, "/")
    draft.columns["uid"] = pc.if_else(pc.equal(session, "0"), nothing, uid)
    draft.columns["orientation"] = np.full(len(rows), int(Orientation.STATED), dtype=np.int64)
    return draft


def _translations(pairs: Pairs) -> Translations:
    """`transip` is what stands for the source beyond, `tranip` whom the destination stands for."""

    def end(address: str, port: str) -> Ends:
        return Ends(pairs.column(address), whole(pairs.column(port))[0])

    return Translations(
        src=end("srcip", "srcport"),
        dst=end("tranip", "tranport"),
        seen_src=end("transip", "transport"),
        seen_dst=end("dstip", "dstport"),
    )


def _times(draft: Draft, pairs: Pairs, local: tzinfo) -> None:
    """`eventtime` needs no zone: seconds up to 6.0, nanoseconds after. It is the end, or an interim's now."""
    end, missing = times(pairs.column("eventtime"), None, local)
    if missing.any():
        date, clock = pairs.column("date"), pairs.column("time")
        offset = pc.fill_null(pairs.column("tz"), "")
        at = pc.binary_join_element_wise(date, clock, "T")
        written, never = times(pc.binary_join_element_wise(at, offset, ""), "iso", local)
        end, missing = np.where(missing, written, end), missing & never
    lasting, _ = decimal_micros(pairs.column("duration"), 6)
    draft.times(end - np.clip(lasting, 0, 1 << 60), missing, end)


def _states(draft: Draft, pairs: Pairs, size: Ints, packets: Ints) -> None:
    action = pc.utf8_lower(pc.fill_null(pairs.column("action"), ""))
    denied = pc.match_substring_regex(action, _DENIED).to_numpy(zero_copy_only=False)
    failed = _one_of(action, _FAILED)
    begun = _one_of(action, ("start",))
    silent = np.where(packets >= 0, packets == 0, size == 0) | (failed & (packets < 0) & (size <= 0))
    answered = np.where(packets >= 0, packets > 0, size > 0)
    tcp = draft.columns["protocol"] == TCP
    # One packet back may be a reset, or the answer to a SYN that nobody went on from.
    conversed = _one_of(action, ("close",)) | (packets > 1)
    refused = tcp & _one_of(action, ("server-rst",)) & (packets >= 0) & (packets <= 1)
    draft.columns["state"] = np.select(
        [denied, refused, answered & (~tcp | conversed), silent & ~begun],
        [int(State.DENIED), int(State.REJECTED), int(State.ESTABLISHED), int(State.NO_REPLY)],
        int(State.UNKNOWN),
    )
    draft.flag(_one_of(action, ("client-rst", "server-rst")), Flag.RESET)
    interim = pc.ends_with(pc.fill_null(pairs.column("logid"), ""), "0020")
    draft.flag(begun | interim.to_numpy(zero_copy_only=False), Flag.OPEN)


def _icmp(word: str) -> int:
    found = _ICMP.fullmatch(word.lower())
    if found is None or int(found[1]) > 255 or int(found[2]) > 255:
        raise ValueError(word)
    return int(found[1]) * 256 + int(found[2])


def _equal(column: Any, word: str) -> Bools:
    found: Bools = pc.equal(column, word).to_numpy(zero_copy_only=False)
    return found


def _one_of(column: Any, choices: tuple[str, ...]) -> Bools:
    found: Bools = pc.is_in(column, pa.array(choices, pa.string())).to_numpy(zero_copy_only=False)
    return found
