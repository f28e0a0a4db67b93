"""Palo Alto Networks TRAFFIC logs: CSV behind any syslog header, fields by position.

Source: PAN-OS administrator's guide, "Traffic Log Fields" (8.0 to 11.1); later versions append fields.
Counters are of Ethernet frames: a ping of 84 IP bytes is logged with 98.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.protocols import TCP
from sekisho.model.translated import Ends
from sekisho.sources import linewise
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.cells import Separated, Text
from sekisho.sources.columns import decimal_micros, protocol_numbers, times, whole
from sekisho.sources.draft import Draft
from sekisho.sources.lines import Lines, blocks_from
from sekisho.sources.times import zone
from sekisho.sources.translated import Translations
from sekisho.sources.volume import within_frames

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FIELDS = (
    "", "receive_time", "serial", "type", "subtype", "", "time_generated", "src", "dst", "natsrc",
    "natdst", "rule", "srcuser", "dstuser", "app", "vsys", "from", "to", "inbound_if", "outbound_if",
    "logset", "", "sessionid", "repeatcnt", "sport", "dport", "natsport", "natdport", "flags", "proto",
    "action", "bytes", "bytes_sent", "bytes_received", "packets", "start", "elapsed", "category", "",
    "seqno", "actionflags", "srcloc", "dstloc", "", "pkts_sent", "pkts_received", "session_end_reason",
    "dg_hier_level_1", "dg_hier_level_2", "dg_hier_level_3", "dg_hier_level_4", "vsys_name",
    "device_name", "action_source",
)  # fmt: skip
_USED = frozenset(
    (
        "serial", "subtype", "time_generated", "src", "dst", "app", "vsys", "sessionid", "sport", "dport",
        "proto", "action", "bytes_sent", "bytes_received", "packets", "start", "elapsed", "pkts_sent",
        "pkts_received", "session_end_reason", "natsrc", "natdst", "natsport", "natdport",
    )
)  # fmt: skip
_SHORTEST = FIELDS.index("elapsed") + 1
_SUBTYPES = ("start", "end", "drop", "deny")
_BLOCKED = "^(deny|drop|reset|block)"
_UNNAMED = ("incomplete", "insufficient-data", "not-applicable", "non-syn-tcp", "unknown-tcp",
            "unknown-udp", "unknown-p2p", "undecided")  # fmt: skip
"""What stands for an application that was not recognised."""
_RECORD = re.compile(
    rb"(?:^|[ >])[0-9A-Fa-f]*,\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,[^,\n]*,(TRAFFIC),(?:start|end|drop|deny),",
    re.M,
)
_OTHER_TYPE = r"(^|[ >])[0-9A-Fa-f]*,\d{4}/\d\d/\d\d \d\d:\d\d:\d\d,[^,]*,[A-Z][A-Z0-9_-]{2,19},"
_MARK = b"TRAFFIC,"


class PanosTraffic:
    """PAN-OS TRAFFIC."""

    name = "panos-traffic"
    family = "panos"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a record of type TRAFFIC in its place."""
        return 90 if _RECORD.search(head) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Records of other types are no flows."""
        items = blocks_from(stream, context.first_row)
        return linewise.read(items, context, lambda lines: _convert(lines, context))


def _convert(lines: Lines, context: ReadContext) -> Piece:
    piece = Piece()
    whole_lines = Text.of(lines)
    begins = _record_begins(whole_lines)
    found = begins >= 0
    _others(piece, lines, whole_lines, ~found)
    taken = np.flatnonzero(found)
    if len(taken):
        cells = Separated(whole_lines.beginning(begins).only(taken), b",", quoted=True)

        def texts() -> list[bytes]:
            every = lines.texts()
            return [every[index] for index in taken.tolist()]

        columns = {
            name: cells.column(at)
            for at, name in enumerate(FIELDS)
            if name in _USED or name in context.fields
        }
        draft = _draft(cells, columns, lines.first + taken, context)
        fields = None
        if context.fields:
            nothing = pa.nulls(len(taken), pa.string())
            fields = pa.table({name: columns.get(name, nothing) for name in sorted(context.fields)})
        piece.take_translations(draft, _translations(columns), fields)
        piece.take(draft, texts, fields)
    piece.rejects.sort(key=lambda reject: reject.row)
    return piece


def _record_begins(text: Text) -> Ints:
    """Where the CSV of a TRAFFIC record begins behind whatever header; -1 where a line has none.

    The type is the fourth field, so two commas before it the first one ends.
    """
    commas = text.marks(b",")
    commas = commas[text.outside(commas, text.quotes(escaped=False))]
    typed = np.flatnonzero(commas + len(_MARK) < len(text.letters))
    for offset, letter in enumerate(_MARK, 1):
        typed = typed[text.letters[commas[typed] + offset] == letter]
    line, inside = text.owner(commas[typed])
    first = np.maximum(typed - 2, 0)
    good = inside & (typed >= 2) & (commas[first] >= text.begins[line])
    line, ends = line[good][::-1], commas[first[good]][::-1]
    gaps = np.flatnonzero((text.letters == ord(" ")) | (text.letters == ord(">")))
    begins = np.full(len(text), -1, dtype=np.int64)
    if not len(gaps):
        begins[line] = text.begins[line]
        return begins
    before = np.searchsorted(gaps, ends) - 1
    begins[line] = np.maximum(np.where(before >= 0, gaps[before] + 1, 0), text.begins[line])
    return begins


def _others(piece: Piece, lines: Lines, text: Text, which: Bools) -> None:
    """Lines that are no TRAFFIC records: other types and blank ones are ignored, the rest set aside."""
    blank = text.blank()
    piece.ignored += int((which & blank).sum())
    left = np.flatnonzero(which & ~blank)
    if not len(left):
        return
    known = pc.fill_null(
        pc.match_substring_regex(text.only(left).lines(), _OTHER_TYPE), fill_value=False
    ).to_numpy(zero_copy_only=False)
    piece.ignored += int(known.sum())
    if not known.all():
        every = lines.texts()
        piece.rejects += [
            Reject.of(lines.first + index, "is no PAN-OS log record", every[index])
            for index in left[~known].tolist()
        ]


def _draft(cells: Separated, columns: dict[str, Any], rows: Ints, context: ReadContext) -> Draft:
    draft = Draft(rows, context)
    draft.reject(cells.unbalanced, "quotes do not match")
    draft.reject(cells.counts < _SHORTEST, f"it is cut off before its {_SHORTEST} fields")
    subtype = pc.fill_null(columns["subtype"], "")
    draft.reject(~_one_of(subtype, _SUBTYPES), "its subtype is none of " + ", ".join(_SUBTYPES))

    local = zone(context.timezone)
    start, missing = times(_dashed(columns["start"]), "iso", local)
    logged, never = times(_dashed(columns["time_generated"]), "iso", local)
    start = np.where(missing, logged, start)
    elapsed, _ = decimal_micros(columns["elapsed"], 6)
    draft.times(start, missing & never, start + np.clip(elapsed, 0, 1 << 60))
    draft.address("src", columns["src"], "src")
    draft.address("dst", columns["dst"], "dst")
    draft.protocol(protocol_numbers(columns["proto"]), "proto")
    ports = [_number(draft, columns, name) for name in ("sport", "dport")]
    draft.ports(ports[0], ports[1], ("sport", "dport"))

    counted = [_number(draft, columns, name) for name in ("pkts_sent", "pkts_received")]
    every = _number(draft, columns, "packets")
    for way, name, packets in zip(
        ("out", "in"), ("bytes_sent", "bytes_received"), counted, strict=True
    ):
        frames = _number(draft, columns, name)
        draft.flag(frames < 0, Flag.BYTES_UNKNOWN)
        low, spread = within_frames(np.maximum(frames, 0), np.where(packets < 0, every, packets))
        draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = low, spread
        draft.columns[f"packets_{way}"] = np.maximum(packets, 0)
    _states(draft, columns, subtype, counted[1])

    app = pc.utf8_lower(pc.fill_null(columns["app"], ""))
    named = pa.array(~_one_of(app, ("", *_UNNAMED)))
    draft.columns["service"] = pc.if_else(named, app, pa.scalar(None, pa.string()))
    draft.flag(_one_of(app, ("non-syn-tcp",)), Flag.MIDSTREAM)
    draft.columns["uid"] = _uid(columns)
    draft.columns["orientation"] = np.full(len(rows), int(Orientation.STATED), dtype=np.int64)
    return draft


def _translations(columns: dict[str, Any]) -> Translations:
    """The NAT fields are what the session has beyond the firewall: of the destination, the host meant."""

    def end(address: str, port: str) -> Ends:
        return Ends(columns[address], whole(columns[port])[0])

    return Translations(
        src=end("src", "sport"),
        dst=end("natdst", "natdport"),
        seen_src=end("natsrc", "natsport"),
        seen_dst=end("dst", "dport"),
    )


def _states(draft: Draft, columns: dict[str, Any], subtype: Any, received: Ints) -> None:
    reason = pc.fill_null(columns["session_end_reason"], "")
    action = pc.utf8_lower(pc.fill_null(columns["action"], ""))
    denied = pc.match_substring_regex(action, _BLOCKED).to_numpy(zero_copy_only=False)
    denied |= _one_of(subtype, ("drop", "deny")) | _one_of(reason, ("policy-deny",))
    still_open = _one_of(subtype, ("start",))
    answered = np.where(received >= 0, received > 0, draft.columns["bytes_in"] > 0)
    tcp = draft.columns["protocol"] == TCP
    refused = tcp & _one_of(reason, ("tcp-rst-from-server",)) & (received >= 0) & (received <= 1)
    # PAN-OS says `incomplete` of a handshake without data behind it too.
    unclear = tcp & _one_of(pc.fill_null(columns["app"], ""), ("incomplete",))
    draft.columns["state"] = np.select(
        [denied, answered & refused, answered & ~unclear, ~answered & ~still_open],
        [int(State.DENIED), int(State.REJECTED), int(State.ESTABLISHED), int(State.NO_REPLY)],
        int(State.UNKNOWN),
    )
    reset = _one_of(reason, ("tcp-rst-from-client", "tcp-rst-from-server", "threat"))
    draft.flag(reset, Flag.RESET)
    draft.flag(still_open, Flag.OPEN)


def _uid(columns: dict[str, Any]) -> Any:
    """One session: its number is used again, so the start belongs to it. Null where none was made."""
    parts = [pc.fill_null(columns[name], "") for name in ("serial", "vsys", "sessionid", "start")]
    made = pa.array(~_one_of(parts[2], ("", "0")))
    return pc.if_else(made, pc.binary_join_element_wise(*parts, "/"), pa.scalar(None, pa.string()))


def _number(draft: Draft, columns: dict[str, Any], name: str) -> Ints:
    found, bad = whole(columns[name])
    draft.reject(bad, f"{name} is no whole number")
    return found


def _dashed(column: Any) -> Any:
    return pc.replace_substring(column, "/", "-")


def _one_of(column: Any, choices: tuple[str, ...]) -> Bools:
    found: Bools = pc.is_in(column, pa.array(choices, pa.string())).to_numpy(zero_copy_only=False)
    return found
