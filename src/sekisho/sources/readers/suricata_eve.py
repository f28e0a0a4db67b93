"""Suricata's EVE log: `flow` events, and `netflow` events where there are no others.

Source: Suricata's user guide, "Eve JSON Format". `src` is the end whose packet was seen first. Bytes are
those of whole frames. `dns`, `tls`, `http` and `fileinfo` events give names; events of all other types are
ignored: they tell of the same connections again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.flows import Flag, State
from sekisho.model.names import NameKind
from sekisho.model.protocols import TCP
from sekisho.sources import json_records
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.columns import each, text, whole
from sekisho.sources.draft import Draft
from sekisho.sources.frames import unframe
from sekisho.sources.generic import draft_flows
from sekisho.sources.json_records import Columns, first, one_of, sniff, unless, words
from sekisho.sources.mapping import Mapping
from sekisho.sources.name_draft import NameDraft
from sekisho.sources.orientation import orient
from sekisho.sources.times import micros_of_iso, zone

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LOOK_AHEAD = 1 << 20
"""Bytes in which a log that has flow events shows one."""
_FLOW = re.compile(rb'"event_type"\s*:\s*"flow"')
_ROLES = {
    "start": "flow.start",
    "end": "flow.end",
    "src": "src_ip",
    "src_port": "src_port",
    "dst": "dest_ip",
    "dst_port": "dest_port",
    "protocol": "proto",
    "packets_out": "flow.pkts_toserver",
    "packets_in": "flow.pkts_toclient",
    "bytes_out": "flow.bytes_toserver",
    "bytes_in": "flow.bytes_toclient",
    "icmp_type": "icmp_type",
    "icmp_code": "icmp_code",
}
_MAPPING = Mapping(columns=_ROLES, time="iso")
_OF_NETFLOW = {
    "flow.start": "netflow.start",
    "flow.end": "netflow.end",
    "flow.pkts_toserver": "netflow.pkts",
    "flow.bytes_toserver": "netflow.bytes",
}
_NAMED = ("dns", "tls", "http", "fileinfo")
_NAMES = {
    "dns.rrname": NameKind.DNS_QUERY,
    "tls.sni": NameKind.SNI,
    "tls.ja3.hash": NameKind.JA3,
    "tls.ja3s.hash": NameKind.JA3S,
    "tls.ja4": NameKind.JA4,
    "tls.fingerprint": NameKind.CERTIFICATE_SHA1,
    "http.hostname": NameKind.HTTP_HOST,
    "http.http_user_agent": NameKind.USER_AGENT,
    "fileinfo.md5": NameKind.MD5,
    "fileinfo.sha1": NameKind.SHA1,
    "fileinfo.sha256": NameKind.SHA256,
}
_SERVICES_BELOW = 1024
"""The end with a port below it, where the other's is not, is taken as the one that was asked."""
_TAGGED = ("event_type", "src_ip", "dest_ip")
_NO_SERVICE = ("", "failed", "unknown", "none")
_SYN, _RST, _ACK = 2, 4, 16
_NO_FLAGS = 1 << 8


class SuricataEve:
    """Suricata EVE JSON lines."""

    name = "suricata-eve"
    family = "suricata"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By events with a type and both ends; statistics alone are no log of flows."""
        records = sniff(head)
        seen = any(all(isinstance(r.get(key), str) for key in _TAGGED) for r in records)
        typed = any(isinstance(r.get("event_type"), str) and "timestamp" in r for r in records)
        return 90 if seen else 40 if typed else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Where a log has both kinds of events, those of netflow are ignored."""
        start, rest = json_records.ahead(stream, LOOK_AHEAD)
        return json_records.read(rest, context, cast("json_records.Form", _Form(start)))


class _Form:
    texts = (
        *("event_type", "src_ip", "dest_ip", "proto", "app_proto", "flow.start", "flow.end"),
        *("flow.state", "flow.action", "verdict.action", "netflow.start", "netflow.end"),
        *("tcp.tcp_flags", "tcp.tcp_flags_ts", "tcp.tcp_flags_tc", "tcp.state"),
        *("timestamp", *_NAMES),
    )
    numbers = (
        *("src_port", "dest_port", "flow_id", "icmp_type", "icmp_code"),
        *("flow.pkts_toserver", "flow.pkts_toclient", "flow.bytes_toserver", "flow.bytes_toclient"),
        *("netflow.pkts", "netflow.bytes"),
    )
    wrappers = ()

    def __init__(self, start: bytes) -> None:
        self._kinds = ("flow",) if _FLOW.search(start) else ("flow", "netflow")

    def chosen(self, columns: Columns) -> Bools:
        return one_of(text(columns["event_type"]), self._kinds)

    def named(self, columns: Columns) -> Bools:
        return one_of(text(columns["event_type"]), _NAMED)

    def name_draft(self, columns: Columns, rows: Ints, context: ReadContext) -> NameDraft:
        draft = NameDraft(rows)
        draft.times(*micros_of_iso(text(columns["timestamp"]), zone(context.timezone)))
        own, own_bad = whole(columns["src_port"])
        other, other_bad = whole(columns["dest_port"])
        draft.reject(own_bad | other_bad, "src_port or dest_port is no port")
        # An answer, or a file that was fetched, has its ends turned round.
        turned = (own >= 0) & (own < _SERVICES_BELOW) & (other >= _SERVICES_BELOW)
        src, dst = text(columns["src_ip"]), text(columns["dest_ip"])
        draft.address("src", pc.if_else(pa.array(turned), dst, src), "src_ip")
        draft.address("dst", pc.if_else(pa.array(turned), src, dst), "dest_ip")
        port = np.where(turned, own, other)
        draft.port(pa.array(port, mask=port < 0), "dest_port")
        draft.uids(text(columns["flow_id"]))
        for name, kind in _NAMES.items():
            column = text(columns[name])
            if kind is NameKind.CERTIFICATE_SHA1:
                column = pc.replace_substring(column, ":", "")
            draft.value(kind, column)
        return draft

    def draft(
        self, columns: Columns, rows: Ints, context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        one_way = one_of(text(columns["event_type"]), ("netflow",))
        given = dict(columns)
        for name, other in _OF_NETFLOW.items():
            given[name] = first(columns, name, other)
        for name in ("flow.pkts_toclient", "flow.bytes_toclient"):
            given[name] = unless(given[name], one_way)
        draft, notes = draft_flows(given, _MAPPING, rows, context)
        unframe(draft)
        draft.flag(one_way, Flag.ONE_WAY)

        app = text(columns["app_proto"])
        unnamed = pa.array(one_of(words(columns, "app_proto"), _NO_SERVICE))
        draft.columns["service"] = pc.if_else(unnamed, pa.scalar(None, pa.string()), app)
        # Both halves of a netflow record have one number and are different records.
        uid = text(columns["flow_id"])
        draft.columns["uid"] = pc.if_else(pa.array(one_way), pa.scalar(None, pa.string()), uid)
        _judge(draft, columns, one_way)
        return draft, notes


def _judge(draft: Draft, columns: Columns, one_way: Bools) -> None:
    """States from flags where there are any, else from the state that Suricata gives."""
    tcp = draft.columns["protocol"] == TCP
    own, back = _flags(columns["tcp.tcp_flags_ts"]), _flags(columns["tcp.tcp_flags_tc"])
    single = _flags(columns["tcp.tcp_flags"])
    told = tcp & ~one_way & (own < _NO_FLAGS) & (back < _NO_FLAGS)
    shaken = (back & _SYN != 0) & (own & _ACK != 0)
    midway = (own & _SYN == 0) & (back & _SYN == 0) & (own & _ACK != 0) & (back & _ACK != 0)
    refused = (back & _RST != 0) & (back & _SYN == 0) & ~midway
    answered = draft.columns["packets_in"] > 0
    state = words(columns, "flow.state")
    going = one_of(state, ("established", "bypassed", "local_bypassed", "capture_bypassed"))
    action = words(columns, "flow.action", "verdict.action")
    denied = one_of(action, ("drop", "reject", "reject_target", "rejectsrc", "rejectdst", "rejectboth"))
    draft.columns["state"] = np.select(
        [denied, one_way, told & (shaken | midway), told & refused, told & ~answered, told,
         tcp & (going | ~answered), tcp, answered],
        [int(State.DENIED), int(State.UNKNOWN), int(State.ESTABLISHED), int(State.REJECTED),
         int(State.NO_REPLY), int(State.NO_REPLY), np.where(going, State.ESTABLISHED, State.NO_REPLY),
         int(State.UNKNOWN), int(State.ESTABLISHED)],
        int(State.NO_REPLY),
    )  # fmt: skip
    known = (single < _NO_FLAGS) & tcp
    draft.flag(known & (single & _RST != 0), Flag.RESET)
    draft.flag(known & one_way & (single & (_SYN | _ACK) == _SYN), Flag.SYN_ONLY)
    draft.flag(known & one_way & (single & (_SYN | _ACK) == (_SYN | _ACK)), Flag.SYN_ACK)
    midstream = told & (own & _SYN == 0)
    draft.flag(midstream, Flag.MIDSTREAM)
    if (midstream | one_way).any():
        orient(draft, midstream | one_way)


def _flags(column: Any) -> Ints:
    """TCP flags in hexadecimal; with no bit of theirs set but one beyond where there are none."""
    values, bad = each(text(column), lambda word: int(word, 16) & 0xFF)
    return np.where(bad, _NO_FLAGS, values)
