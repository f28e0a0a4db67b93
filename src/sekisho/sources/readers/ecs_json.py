"""Elastic Common Schema as JSON: network events of packetbeat, filebeat and the Elastic Agent.

Source: the ECS reference (fields event.*, source.*, destination.*, network.*) and the fields that
packetbeat's flows add. A document may be a hit of an export (`_source`), with nested or dotted keys, one
a line or in arrays. Documents that are no connections, alerts, and what a protocol's analyser says of a
connection that is recorded anyway, are no flows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.flows import TIME, Flag, State
from sekisho.model.protocols import TCP
from sekisho.sources import json_records
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.columns import decimal_micros, each, text, times, whole
from sekisho.sources.draft import Draft
from sekisho.sources.frames import unframe
from sekisho.sources.generic import draft_flows, sum_up
from sekisho.sources.json_records import Columns, field_of, first, one_of, sniff, unless, words
from sekisho.sources.mapping import Mapping
from sekisho.sources.orientation import orient
from sekisho.sources.times import zone

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_WRAPPERS = ("_source",)
_ROLES = {
    "start": "event.start",
    "end": "event.end",
    "src": "source.ip",
    "src_port": "source.port",
    "dst": "destination.ip",
    "dst_port": "destination.port",
    "protocol": "network.transport",
    "packets_out": "source.packets",
    "packets_in": "destination.packets",
    "bytes_out": "source.bytes",
    "bytes_in": "destination.bytes",
}
_MAPPING = Mapping(columns=_ROLES)
_ENDS = ("source.ip", "destination.ip")
_MARKS = (
    "ecs.version",
    "event.kind",
    "event.category",
    "event.dataset",
    "agent.type",
    "data_stream.type",
)
_FLOW_DATASETS = ("flow", "network_traffic.flow", "packetbeat.flow")
"""Packetbeat's; they count whole frames."""
_PACKETBEAT = ("packetbeat", "network_traffic")
_ONE_WAY = ("netflow.log", "aws.vpcflow", "gcp.vpcflow", "sflow.log")
"""Datasets whose records have one direction each."""
_DENYING = (
    *("deny", "denied", "drop", "dropped", "block", "blocked", "reject", "rejected", "refused"),
    *("drop-icmp", "reset-client", "reset-server", "reset-both", "flow_dropped", "flow_denied"),
    *("connection-denied", "packet-dropped", "firewall-denied", "network_flow_denied"),
)
_ZEEK = {
    **dict.fromkeys(("sf", "s1", "s2", "s3", "rsto", "rstr"), int(State.ESTABLISHED)),
    "s0": int(State.NO_REPLY),
    "rej": int(State.REJECTED),
}
_UNSAID = -1
_NANO = -3
_SYN, _RST, _ACK = 2, 4, 16


class EcsJson:
    """Elastic Common Schema, JSON."""

    name = "ecs-json"
    family = "ecs"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By documents with a time, a mark of ECS and, in one of them, both ends of a connection."""
        records = [r for r in sniff(head) if field_of(r, "@timestamp", _WRAPPERS)]
        marked = [r for r in records if any(field_of(r, name, _WRAPPERS) for name in _MARKS)]
        ends = [r for r in records if all(field_of(r, name, _WRAPPERS) for name in _ENDS)]
        if not marked:
            return 60 if ends else 0
        return 85 if ends else 45

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. In an array a record's row is its place."""
        return json_records.read(stream, context, cast("json_records.Form", _Form()))


class _Form:
    texts = (
        *("@timestamp", "event.start", "event.end", "source.ip", "destination.ip"),
        *("network.transport", "network.protocol", "network.application", "type"),
        *("event.kind", "event.category", "event.type", "event.action", "event.dataset"),
        *("agent.type", "data_stream.dataset", "flow.id", "flow.final", "zeek.session_id"),
        *("zeek.connection.state", "netflow.type"),
    )
    numbers = (
        *("source.port", "source.bytes", "source.packets", "destination.port"),
        *("destination.bytes", "destination.packets", "network.bytes", "network.packets"),
        *("network.iana_number", "event.duration", "netflow.tcp_control_bits"),
    )
    wrappers = _WRAPPERS

    def chosen(self, columns: Columns) -> Bools:
        ends = np.ones(len(columns["source.ip"]), dtype=np.bool_)
        for name in _ENDS:
            ends &= columns[name].is_valid().to_numpy(zero_copy_only=False)
        category = words(columns, "event.category")
        network = _among(category, "network") | _among(category, "network_traffic")
        carried = (
            first(columns, "network.transport", "network.iana_number")
            .is_valid()
            .to_numpy(zero_copy_only=False)
        )
        plain = one_of(category, ("",)) & carried
        alert = one_of(words(columns, "event.kind"), ("alert", "signal", "metric", "state"))
        told_again = _among(words(columns, "event.type"), "protocol") | (
            _of_packetbeat(columns) & ~one_of(_dataset(columns), _FLOW_DATASETS)
        )
        chosen: Bools = network | plain | one_of(_dataset(columns), _FLOW_DATASETS)
        return chosen & ends & ~alert & ~told_again

    def draft(
        self, columns: Columns, rows: Ints, context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        dataset = _dataset(columns)
        one_way = one_of(dataset, _ONE_WAY) | _filled(columns["netflow.type"])
        given = dict(columns)
        given["event.start"], given["event.end"] = _times(columns, context)
        given["network.transport"] = _protocol(columns)
        totals = {what: whole(columns[f"network.{what}"])[0] for what in ("bytes", "packets")}
        for what, total in totals.items():
            name = f"source.{what}"
            of_sender = pa.array(one_way & (total >= 0) & ~_filled(columns[name]))
            # A sender's total is what it sent.
            given[name] = pc.if_else(of_sender, text(pa.array(total)), text(columns[name]))
            given[f"destination.{what}"] = unless(given[f"destination.{what}"], one_way)
        draft, notes = draft_flows(given, _MAPPING, rows, context)
        draft.flag(one_way, Flag.ONE_WAY)
        _framed(draft, one_of(dataset, _FLOW_DATASETS))
        _totals(draft, given, totals["bytes"], one_way, context.sampling)
        draft.columns["service"] = text(first(columns, "network.protocol", "network.application"))
        # Only what numbers a connection: an event's own id is another for each record.
        uid = text(first(columns, "flow.id", "zeek.session_id"))
        draft.columns["uid"] = pc.if_else(pa.array(one_way), pa.scalar(None, pa.string()), uid)
        draft.flag(one_of(words(columns, "flow.final"), ("false",)), Flag.OPEN)
        _judge(draft, columns, one_way)
        if one_way.any():
            orient(draft, one_way)
        return draft, notes


def _dataset(columns: Columns) -> Any:
    """The dataset, or the type that packetbeat gave its documents before there were datasets."""
    return words(columns, "event.dataset", "data_stream.dataset", "type")


def _of_packetbeat(columns: Columns) -> Bools:
    agent = one_of(words(columns, "agent.type"), _PACKETBEAT)
    starts = pc.starts_with(_dataset(columns), "network_traffic.")
    found: Bools = agent | starts.to_numpy(zero_copy_only=False)
    return found


def _among(listed: Any, word: str) -> Bools:
    """Where a list, written with commas, holds a word."""
    found: Bools = pc.match_substring_regex(listed, f"(^|,){word}(,|$)").to_numpy(zero_copy_only=False)
    return found


def _filled(column: Any) -> Bools:
    found: Bools = column.is_valid().to_numpy(zero_copy_only=False)
    return found


def _times(columns: Columns, context: ReadContext) -> tuple[Any, Any]:
    """Start and end. Where neither is given the document's time is the start, or where it tells of an
    end, that; `event.duration` is nanoseconds."""
    local = zone(context.timezone)
    start, no_start = times(columns["event.start"], None, local)
    end, no_end = times(columns["event.end"], None, local)
    at, no_at = times(columns["@timestamp"], None, local)
    lasting, no_duration = decimal_micros(columns["event.duration"], _NANO)
    lasting = np.where(no_duration, 0, np.clip(lasting, 0, 1 << 60))
    closing = _among(words(columns, "event.type"), "end")
    before = np.where(closing, at - lasting, at)
    begun = np.where(no_start, np.where(no_end, before, end - lasting), start)
    ended = np.where(no_end, np.where(no_start & closing, at, begun + lasting), end)
    missing = no_start & no_end & no_at
    return pa.array(begun, pa.int64(), mask=missing).cast(TIME), pa.array(ended, pa.int64()).cast(TIME)


def _protocol(columns: Columns) -> Any:
    """The number, else the name."""
    return pc.coalesce(text(columns["network.iana_number"]), text(columns["network.transport"]))


def _framed(draft: Draft, where: Bools) -> None:
    if not where.any():
        return
    names = ("bytes_out", "bytes_out_spread", "bytes_in", "bytes_in_spread")
    before = {name: draft.columns[name] for name in names}
    unframe(draft)
    for name in names:
        draft.columns[name] = np.where(where, draft.columns[name], before[name])


def _totals(draft: Draft, given: Columns, total: Ints, one_way: Bools, sampling: int) -> None:
    """One number for both directions: each has something between nothing and all of it."""
    neither = ~_filled(given["source.bytes"]) & ~_filled(given["destination.bytes"])
    together = neither & ~one_way & (total >= 0)
    sum_up(draft, together, total, sampling)


def _judge(draft: Draft, columns: Columns, one_way: Bools) -> None:
    """What a gateway did comes first; the rest is told by bytes and packets."""
    denied = _among(words(columns, "event.type"), "denied")
    denied |= one_of(words(columns, "event.action"), _DENYING)
    tcp = draft.columns["protocol"] == TCP
    answered = (draft.columns["packets_in"] > 0) | (draft.columns["bytes_in"] > 0)
    zeek, _ = each(words(columns, "zeek.connection.state"), lambda word: _ZEEK.get(word, _UNSAID))
    draft.columns["state"] = np.select(
        [denied, one_way, tcp & (zeek != _UNSAID), ~tcp & answered],
        [int(State.DENIED), int(State.UNKNOWN), zeek, int(State.ESTABLISHED)],
        int(State.UNKNOWN),
    )
    flags, none = each(text(columns["netflow.tcp_control_bits"]), int)
    told = ~none & tcp & one_way & (flags >= 0)
    draft.flag(told & (flags & _RST != 0), Flag.RESET)
    draft.flag(told & (flags & (_SYN | _ACK) == _SYN), Flag.SYN_ONLY)
    draft.flag(told & (flags & (_SYN | _ACK) == (_SYN | _ACK)), Flag.SYN_ACK)
