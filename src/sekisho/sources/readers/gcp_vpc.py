"""GCP VPC flow logs as Cloud Logging exports them: JSON, one entry a line or in arrays.

Source: Google Cloud, "VPC Flow Logs records" and "How VPC Flow Logs works". A record is one direction of
a connection; packets are sampled and the counts are scaled up already. What a firewall decided is another
log.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from sekisho.model.flows import Flag, State
from sekisho.model.protocols import TCP
from sekisho.sources import json_records
from sekisho.sources.base import Batch, RawMapping, ReadContext
from sekisho.sources.columns import text
from sekisho.sources.draft import Draft
from sekisho.sources.generic import draft_flows
from sekisho.sources.json_records import Columns, field_of, sniff
from sekisho.sources.mapping import Mapping
from sekisho.sources.volume import estimated

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ONE_IN = 30
"""Packets of which about one is looked at."""
_ROLES = {
    "start": "start_time",
    "end": "end_time",
    "src": "connection.src_ip",
    "src_port": "connection.src_port",
    "dst": "connection.dest_ip",
    "dst_port": "connection.dest_port",
    "protocol": "connection.protocol",
    "packets_out": "packets_sent",
    "bytes_out": "bytes_sent",
}
_MAPPING = Mapping(columns=_ROLES, time="iso", one_way=True)
_LOG = "vpc_flows"
_WRAPPER = "jsonPayload"
_OWN = ("reporter", "packets_sent", "bytes_sent")


class GcpVpc:
    """VPC flow logs of Google Cloud."""

    name = "gcp-vpc"
    family = "vpc"
    one_way = True

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By an entry of the log vpc_flows, or one with its fields."""
        return 92 if any(_is_flow(record) for record in sniff(head)) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Entries of other logs are no flows."""
        return json_records.read(stream, context, cast("json_records.Form", _Form()))


def _is_flow(record: dict[str, Any]) -> bool:
    def has(name: str) -> bool:
        return field_of(record, name, (_WRAPPER,)) is not None

    return has("connection.src_ip") and has("connection.dest_ip") and any(map(has, _OWN))


class _Form:
    texts = (
        *("connection.src_ip", "connection.dest_ip", "start_time", "end_time", "reporter", "logName"),
        *("bytes_sent", "packets_sent", "rtt_msec"),
    )
    numbers = ("connection.src_port", "connection.dest_port", "connection.protocol")
    wrappers = (_WRAPPER,)

    def chosen(self, columns: Columns) -> Bools:
        """By the log's name, or where that was left out by fields that no other log has."""
        name = text(columns["logName"])
        own = np.zeros(len(name), dtype=np.bool_)
        for field in _OWN:
            own |= columns[field].is_valid().to_numpy(zero_copy_only=False)
        named = pc.fill_null(pc.match_substring(name, _LOG), fill_value=False)
        found: Bools = np.where(
            name.is_valid().to_numpy(zero_copy_only=False), named.to_numpy(zero_copy_only=False), own
        )
        return found

    def draft(
        self, columns: Columns, rows: Ints, context: ReadContext
    ) -> tuple[Draft, tuple[str, ...]]:
        given = dict(columns)
        for name in ("start_time", "end_time"):
            # Nanoseconds would send every time the slow way.
            given[name] = pc.replace_substring_regex(text(columns[name]), r"(\.\d{6})\d+", r"\1")
        draft, notes = draft_flows(given, _MAPPING, rows, context)
        nothing = np.zeros(len(rows), dtype=np.int64)
        for way in ("out", "in"):
            packets = draft.columns[f"packets_{way}"]
            low, spread = draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"]
            draft.columns[f"bytes_{way}"], draft.columns[f"bytes_{way}_spread"] = estimated(
                low, spread, packets // ONE_IN, nothing
            )
        draft.flags |= int(Flag.SAMPLED)
        # A round trip is measured where one end sent and the other one acknowledged.
        measured = columns["rtt_msec"].is_valid().to_numpy(zero_copy_only=False)
        packets = draft.columns["packets_out"] + draft.columns["packets_in"]
        talked = measured & (draft.columns["protocol"] == TCP) & (packets > 1)
        draft.columns["state"] = np.where(talked, int(State.ESTABLISHED), int(State.UNKNOWN))
        return draft, notes
