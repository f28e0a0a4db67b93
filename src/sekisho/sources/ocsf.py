"""What OCSF Network Activity (class 4001) means, whatever it was written in.

Source: the Open Cybersecurity Schema Framework, schema 1.x, class Network Activity and the objects
Network Traffic and Network Connection Information. `bytes_out` is from source to destination. Events of
other classes, and those that say somebody listens, are no flows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.model.flows import TIME, Flag, State
from sekisho.model.protocols import TCP
from sekisho.sources.base import ReadContext
from sekisho.sources.columns import each, text, times, whole
from sekisho.sources.draft import Draft
from sekisho.sources.generic import draft_flows, sum_up
from sekisho.sources.json_records import Columns, first, one_of, unless, words
from sekisho.sources.mapping import Mapping
from sekisho.sources.orientation import orient
from sekisho.sources.times import zone

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_ROLES = {
    "start": "start_time",
    "end": "end_time",
    "src": "src_endpoint.ip",
    "src_port": "src_endpoint.port",
    "dst": "dst_endpoint.ip",
    "dst_port": "dst_endpoint.port",
    "protocol": "connection_info.protocol_num",
    "packets_out": "traffic.packets_out",
    "packets_in": "traffic.packets_in",
    "bytes_out": "traffic.bytes_out",
    "bytes_in": "traffic.bytes_in",
}
_MAPPING = Mapping(columns=_ROLES)
_OPEN, _RESET, _FAIL, _REFUSE, _LISTEN = "1", "3", "4", "5", "7"
_BLOCKING = ("2", "3", "4", "6", "21", "25", "26")
"""Dispositions blocked, quarantined, isolated, dropped, reset, rejected, unauthorized."""
_BLOCKED = (
    *("denied", "deny", "blocked", "block", "dropped", "drop", "rejected", "reject", "reset"),
    *("quarantined", "isolated"),
)
_ONE_WAY = ("amazon vpc", "vpc flow", "vpc flow logs", "vpcflow")
"""Products whose records have one direction each."""
_SYN, _RST, _ACK = 2, 4, 16


class NetworkActivity:
    """The form of its records, with the names of their fields."""

    texts = (
        *("start_time_dt", "end_time_dt", "time_dt", "src_endpoint.ip", "dst_endpoint.ip"),
        *("connection_info.protocol_name", "connection_info.uid", "connection_info.direction"),
        *("action", "disposition", "app_name", "dst_endpoint.svc_name"),
        *("metadata.product.name", "metadata.product.feature.name"),
    )
    numbers = (
        *("class_uid", "activity_id", "action_id", "disposition_id", "time", "start_time", "end_time"),
        *("duration", "src_endpoint.port", "dst_endpoint.port", "connection_info.protocol_num"),
        *("connection_info.tcp_flags", "traffic.bytes", "traffic.packets"),
        *("traffic.bytes_out", "traffic.bytes_in", "traffic.packets_out", "traffic.packets_in"),
    )
    wrappers = ("_source",)

    def chosen(self, columns: Columns) -> Bools:
        """Events of the class, but for those that say somebody listens."""
        activity = text(columns["activity_id"])
        return one_of(text(columns["class_uid"]), ("4001",)) & ~one_of(activity, (_LISTEN,))

    def draft(
        self, columns: Columns, rows: Ints, context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        """See `json_records.Form`."""
        activity = text(columns["activity_id"])
        one_way = one_of(words(columns, "metadata.product.name"), _ONE_WAY)
        given = dict(columns)
        given["start_time"], given["end_time"] = _times(columns, activity, context)
        given["connection_info.protocol_num"] = _protocol(columns)
        totals = {what: whole(columns[f"traffic.{what}"])[0] for what in ("bytes", "packets")}
        for what, total in totals.items():
            for way in ("out", "in"):
                name = f"traffic.{what}_{way}"
                of_sender = pa.array(one_way & (way == "out") & (total >= 0))
                # A sender's total is what it sent.
                given[name] = pc.if_else(
                    pc.and_(of_sender, given[name].is_null()), text(pa.array(total)), text(given[name])
                )
            given[f"traffic.{what}_in"] = unless(given[f"traffic.{what}_in"], one_way)
        draft, notes = draft_flows(given, _MAPPING, rows, context)
        draft.flag(one_way, Flag.ONE_WAY)
        _totals(draft, given, totals["bytes"], one_way, context.sampling)
        draft.columns["service"] = text(first(columns, "app_name", "dst_endpoint.svc_name"))
        draft.columns["uid"] = text(columns["connection_info.uid"])
        _judge(draft, columns, activity, one_way)
        if one_way.any():
            orient(draft, one_way)
        return draft, notes


def _times(columns: Columns, activity: Any, context: ReadContext) -> tuple[Any, Any]:
    """Start and end. An event that gives neither tells its own time: of an opening the start, else the
    end, and the start lies its duration (milliseconds) before."""
    local = zone(context.timezone)
    start, no_start = _time(columns, "start_time", local)
    end, no_end = _time(columns, "end_time", local)
    at, no_at = _time(columns, "time", local)
    lasting = np.clip(whole(columns["duration"])[0], 0, 1 << 44) * 1000
    closing = ~one_of(activity, (_OPEN,))
    before = np.where(closing, at - lasting, at)
    begun = np.where(no_start, np.where(no_end, before, end - lasting), start)
    ended = np.where(no_end, np.where(no_start & closing, at, begun + lasting), end)
    missing = no_start & no_end & no_at
    return pa.array(begun, pa.int64(), mask=missing).cast(TIME), pa.array(ended, pa.int64()).cast(TIME)


def _time(columns: Columns, name: str, local: Any) -> tuple[Ints, Bools]:
    number, bad = times(columns[name], None, local)
    written, none = times(columns[f"{name}_dt"], "iso", local)
    return np.where(bad, written, number), bad & none


def _protocol(columns: Columns) -> Any:
    """The number, else the name."""
    number = text(columns["connection_info.protocol_num"])
    # -1 stands for "unknown" there.
    known = pc.if_else(pc.equal(number, "-1"), pa.scalar(None, pa.string()), number)
    return pc.coalesce(known, text(columns["connection_info.protocol_name"]))


def _totals(draft: Draft, given: Columns, total: Ints, one_way: Bools, sampling: int) -> None:
    """One number for both directions: each has something between nothing and all of it."""
    neither = np.ones(len(draft), dtype=np.bool_)
    for way in ("out", "in"):
        neither &= given[f"traffic.bytes_{way}"].is_null().to_numpy(zero_copy_only=False)
    together = neither & ~one_way & (total >= 0)
    sum_up(draft, together, total, sampling)


def _judge(draft: Draft, columns: Columns, activity: Any, one_way: Bools) -> None:
    """What a gateway did comes first, then what the event says happened."""
    denied = (
        one_of(text(columns["action_id"]), ("2",))
        | one_of(text(columns["disposition_id"]), _BLOCKING)
        | one_of(words(columns, "action"), _BLOCKED)
        | one_of(words(columns, "disposition"), _BLOCKED)
    )
    answered = (draft.columns["packets_in"] > 0) | (draft.columns["bytes_in"] > 0)
    tcp = draft.columns["protocol"] == TCP
    opened = one_of(activity, (_OPEN,))
    draft.columns["state"] = np.select(
        [denied, one_way, one_of(activity, (_REFUSE,)), one_of(activity, (_FAIL,)), tcp & opened],
        [int(State.DENIED), int(State.UNKNOWN), int(State.REJECTED), int(State.NO_REPLY),
         int(State.ESTABLISHED)],
        np.where(~tcp & answered, int(State.ESTABLISHED), int(State.UNKNOWN)),
    )  # fmt: skip
    draft.flag(opened & ~denied, Flag.OPEN)
    flags, none = each(text(columns["connection_info.tcp_flags"]), int)
    told = ~none & tcp & (flags >= 0)
    draft.flag((told & (flags & _RST != 0)) | one_of(activity, (_RESET,)), Flag.RESET)
    draft.flag(told & one_way & (flags & (_SYN | _ACK) == _SYN), Flag.SYN_ONLY)
    draft.flag(told & one_way & (flags & (_SYN | _ACK) == (_SYN | _ACK)), Flag.SYN_ACK)
