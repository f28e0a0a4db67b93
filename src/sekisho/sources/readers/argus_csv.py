"""Argus: `ra -c ,` with a header line, and binetflow files, which have `ra`'s columns too.

Source: the manual pages ra(1), rabins(1) and ra's own labels of its columns. A record has both
directions. Bytes are those of whole frames. Records of Argus' own state (`man`) and of protocols below
IP are no flows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model import protocols
from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.protocols import ICMP, ICMP6, TCP
from sekisho.sources import delimited
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.columns import decimal_micros, each, times, whole
from sekisho.sources.delimited import Layout, header_names
from sekisho.sources.draft import Draft
from sekisho.sources.frames import unframe
from sekisho.sources.orientation import orient
from sekisho.sources.times import zone
from sekisho.sources.volume import LARGEST, scaled

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NAMES: dict[str, tuple[str, ...]] = {
    "start": ("StartTime", "stime"),
    "end": ("LastTime", "ltime"),
    "duration": ("Dur", "dur"),
    "src": ("SrcAddr", "saddr"),
    "dst": ("DstAddr", "daddr"),
    "src_port": ("Sport", "sport"),
    "dst_port": ("Dport", "dport"),
    "protocol": ("Proto", "proto"),
    "direction": ("Dir", "dir"),
    "state": ("State", "state"),
    "packets": ("TotPkts", "pkts"),
    "bytes": ("TotBytes", "bytes"),
    "packets_out": ("SrcPkts", "spkts"),
    "packets_in": ("DstPkts", "dpkts"),
    "bytes_out": ("SrcBytes", "sbytes"),
    "bytes_in": ("DstBytes", "dbytes"),
}
"""What a column holds, by its label and by the name that `ra -s` takes."""
_OWN = {"Dir", "dir", "TotPkts", "SrcPkts", "TotBytes", "spkts", "sbytes"}
"""Labels that no other format has beside the needed ones."""
_NEEDED = ("start", "src", "dst", "protocol")
_HEADER = re.compile(rb'^[A-Za-z"](?=[^\n]*\b(?:SrcAddr|saddr)\b)', re.M)
_TRANSPORTS = {"rtp": 17, "rtcp": 17, "udt": 17, "ipnip": 4}
_BELOW_IP = (
    "man",
    "arp",
    "rarp",
    "llc",
    "ipx/spx",
    "lldp",
    "loop",
    "stp",
    "eapol",
    "isis",
    "lacp",
    "wol",
)
_NOT_IP = -2
_SURE, _BACK, _UNSURE, _UNSURE_BACK, _STRANGE = range(5)
_DIRECTIONS = {
    **dict.fromkeys(("->", "<->", "o>", "<o>", "|>", "<|>", "who"), _SURE),
    **dict.fromkeys(("<-", "<o", "<|"), _BACK),
    **dict.fromkeys(("?>", "<?>", "-", ""), _UNSURE),
    "<?": _UNSURE_BACK,
}
# What a state tells of each end, as bits: flags of TCP, then words.
_FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16, "U": 32, "E": 64, "C": 128}
_DST = 8
_OPEN, _SILENT, _REFUSED, _RESET, _TOLD = (1 << bit for bit in range(16, 21))
_WORDS = {
    "CON": _OPEN, "EST": _OPEN, "FIN": _OPEN, "CLO": _OPEN, "RSP": _OPEN, "ECR": _OPEN,
    "REQ": _SILENT, "INT": _SILENT, "ECO": _SILENT, "RST": _RESET,
}  # fmt: skip
_REFUSALS = re.compile(r"^UR[A-Z]{0,4}$")


class ArgusCsv:
    """Argus, comma-separated with ra's labels."""

    name = "argus-csv"
    family = "argus"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a header line with ra's labels."""
        line = head.split(b"\n", 1)[0].rstrip(b"\r")
        names = header_names(line, ",")
        return 90 if names and not _missing(names) and _OWN & set(names) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read."""
        return delimited.read(stream, context, _Form())


class _Form:
    """Header lines, which may come again where files were put together, and records."""

    def marks(self, layout: Layout) -> re.Pattern[bytes] | None:
        return _HEADER if layout.names else None

    def after(self, line: bytes, layout: Layout) -> Layout:
        names = header_names(line, ",")
        missing = _missing(names)
        fault = f"its header has no {', '.join(missing)}" if missing else ""
        return Layout(names or ("",), fault=fault)

    def columns(self, layout: Layout) -> tuple[str, ...]:
        return tuple(name for names in NAMES.values() for name in names if name in layout.names)

    def draft(
        self, columns: dict[str, Any], rows: Ints, context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        return _draft(columns, rows, context), ()


def _missing(names: tuple[str, ...]) -> list[str]:
    return [NAMES[role][0] for role in _NEEDED if not any(name in names for name in NAMES[role])]


def _draft(columns: dict[str, Any], rows: Ints, context: ReadContext) -> Draft:
    draft = Draft(rows, context)
    count = len(rows)

    def column(role: str) -> Any:
        return next((columns[name] for name in NAMES[role] if name in columns), None)

    def filled(role: str) -> Any:
        found = column(role)
        return pa.nulls(count, pa.string()) if found is None else pc.utf8_trim_whitespace(found)

    number, unknown = each(pc.fill_null(filled("protocol"), ""), _protocol)
    number = np.where(unknown, -1, number)
    draft.ignore(number == _NOT_IP)
    _times(draft, filled("start"), filled("end"), filled("duration"), context)
    draft.address("src", filled("src"), "the source")
    draft.address("dst", filled("dst"), "the destination")
    draft.protocol(number, "the protocol")
    _ports(draft, filled("src_port"), filled("dst_port"))

    counts = {}
    for role in ("packets", "bytes", "packets_out", "packets_in", "bytes_out", "bytes_in"):
        values, bad = whole(filled(role))
        draft.reject(bad, f"{role} is no whole number")
        counts[role] = np.minimum(values, LARGEST)
    _volumes(draft, counts, context.sampling)

    way, _ = each(pc.fill_null(filled("direction"), ""), lambda word: _DIRECTIONS.get(word, _STRANGE))
    draft.reject(way == _STRANGE, "its direction is none that ra writes")
    _judge(draft, filled("state"))
    draft.columns["orientation"] = np.full(count, int(Orientation.STATED), dtype=np.int64)
    draft.exchange((way == _BACK) | (way == _UNSURE_BACK))
    unsure = (way == _UNSURE) | (way == _UNSURE_BACK)
    draft.flag(unsure, Flag.MIDSTREAM)
    if column("direction") is None:
        unsure = np.ones(count, dtype=np.bool_)
    if unsure.any():
        orient(draft, unsure)
    return draft


def _protocol(word: str) -> int:
    name = word.lower()
    if name in _BELOW_IP:
        return _NOT_IP
    return _TRANSPORTS[name] if name in _TRANSPORTS else protocols.number(name)


def _times(draft: Draft, start: Any, end: Any, duration: Any, context: ReadContext) -> None:
    local = zone(context.timezone)
    # ra writes dates with slashes.
    begin, missing = times(pc.replace_substring(start, "/", "-"), None, local)
    last, no_end = times(pc.replace_substring(end, "/", "-"), None, local)
    lasting, _ = decimal_micros(duration, 6)
    measured = begin + np.clip(lasting, 0, 1 << 60)
    draft.times(begin, missing, np.where(no_end, measured, last))


def _ports(draft: Draft, src: Any, dst: Any) -> None:
    """Numbers, decimal or hexadecimal; for ICMP its type and code."""
    source, bad_src = each(pc.fill_null(src, ""), _port)
    target, bad_dst = each(pc.fill_null(dst, ""), _port)
    protocol = draft.columns["protocol"]
    is_icmp = (protocol == ICMP) | (protocol == ICMP6)
    told = is_icmp & ~bad_src & (source >= 0)
    # ra puts the type and the code of ICMP into one number in front, as binetflow has it.
    draft.icmp(np.where(told, source >> 8, -1), np.where(told, source & 0xFF, -1))
    draft.ports(
        np.where(bad_src, -1, source),
        np.where(bad_dst, -1, target),
        ("the source's port", "the destination's port"),
    )


def _port(word: str) -> int:
    return int(word, 16) if word[:2].lower() == "0x" else int(word) if word else -1


def _volumes(draft: Draft, counts: dict[str, Ints], sampling: int) -> None:
    """Each direction; where only one is given, the other is the rest of the total."""
    for what in ("packets", "bytes"):
        total, out, back = counts[what], counts[f"{what}_out"], counts[f"{what}_in"]
        both = total >= 0
        counts[f"{what}_out"] = np.where(
            (out < 0) & both & (back >= 0), np.maximum(total - back, 0), out
        )
        counts[f"{what}_in"] = np.where(
            (back < 0) & both & (out >= 0), np.maximum(total - out, 0), back
        )
    sizes_out, sizes_in = counts["bytes_out"], counts["bytes_in"]
    whole_size = np.maximum(counts["bytes"], 0)
    parted = (sizes_out >= 0) & (sizes_in >= 0)
    packets_out, packets_in = _packets(counts, parted)
    columns = draft.columns
    columns["packets_out"], columns["packets_in"] = packets_out, packets_in
    columns["bytes_out"] = np.where(parted, sizes_out, 0)
    columns["bytes_in"] = np.where(parted, sizes_in, 0)
    unframe(draft)
    # One number for both directions: each has something between nothing and all of it.
    draft.flag(~parted & (counts["bytes"] >= 0), Flag.SUMMED)
    draft.flag(~parted & (counts["bytes"] < 0), Flag.BYTES_UNKNOWN)
    for way in ("out", "in"):
        spread = np.where(parted, columns[f"bytes_{way}_spread"], whole_size)
        columns[f"bytes_{way}_spread"] = spread
        if sampling > 1:
            columns[f"bytes_{way}"], columns[f"bytes_{way}_spread"] = scaled(
                columns[f"bytes_{way}"], spread, columns[f"packets_{way}"], sampling
            )
            columns[f"packets_{way}"] = columns[f"packets_{way}"] * sampling
    if sampling > 1:
        draft.flags |= int(Flag.SAMPLED)


def _packets(counts: dict[str, Ints], parted: Bools) -> tuple[Ints, Ints]:
    """Packets each way; where only their total is known it is parted as the bytes are."""
    out, back, total = counts["packets_out"], counts["packets_in"], np.maximum(counts["packets"], 0)
    told = (out >= 0) & (back >= 0)
    sizes = np.where(parted, counts["bytes_out"], 0), np.where(parted, counts["bytes_in"], 0)
    answered = (sizes[1] > 0) & (total > 1)
    share = sizes[1] / np.maximum(sizes[0] + sizes[1], 1)
    guess = np.clip(np.rint(total * share).astype(np.int64), 1, np.maximum(total - 1, 1))
    given_back = np.where(answered, guess, np.where((sizes[1] > 0) & (sizes[0] == 0), total, 0))
    return (
        np.where(told, np.maximum(out, 0), total - given_back),
        np.where(told, np.maximum(back, 0), given_back),
    )


def _judge(draft: Draft, states: Any) -> None:
    """States from both ends' flags (`SPA_FSPA`), else from ra's word for it."""
    bits, _ = each(pc.fill_null(states, ""), _meaning)
    tcp = draft.columns["protocol"] == TCP
    src, dst = bits & 0xFF, (bits >> _DST) & 0xFF
    flagged = tcp & (bits & _TOLD != 0)
    ack_src, ack_dst = (src & 16) != 0, (dst & 16) != 0
    shaken = ack_src & ack_dst & (dst & 2 != 0)
    midway = ack_src & ack_dst & (dst & 4 == 0)
    answered = draft.columns["packets_in"] > 0
    plain = (bits & _TOLD) == 0
    draft.columns["state"] = np.select(
        [flagged & (shaken | midway), flagged & (dst & 4 != 0), flagged,
         plain & (bits & _OPEN != 0), plain & (bits & _REFUSED != 0) & ~_is_icmp(draft),
         plain & (bits & _SILENT != 0) & ~answered, ~tcp & answered],
        [int(State.ESTABLISHED), int(State.REJECTED), int(State.NO_REPLY),
         int(State.ESTABLISHED), int(State.REJECTED), int(State.NO_REPLY), int(State.ESTABLISHED)],
        int(State.UNKNOWN),
    )  # fmt: skip
    draft.flag((flagged & ((src | dst) & 4 != 0)) | (plain & (bits & _RESET != 0)), Flag.RESET)


def _is_icmp(draft: Draft) -> Bools:
    found: Bools = np.isin(draft.columns["protocol"], (ICMP, ICMP6))
    return found


def _meaning(word: str) -> int:
    if "_" in word:
        src, dst = word.split("_", 1)
        return _TOLD | _letters(src) | _letters(dst) << _DST
    if _REFUSALS.match(word):
        return _REFUSED
    return _WORDS.get(word, 0)


def _letters(word: str) -> int:
    return sum(_FLAGS[letter] for letter in set(word) if letter in _FLAGS)
