"""OCSF as Parquet says what it says as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.sources.readers.ocsf_parquet import OcsfParquet


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "class_uid": 4001,
        "activity_id": 6,
        "time": 1_709_251_200_000 + number,
        "start_time_dt": None,
        "action_id": None,
        "src_endpoint": {"ip": "10.0.0.1", "port": 50_000 + number},
        "dst_endpoint": {"ip": "10.0.0.2", "port": 443},
        "connection_info": {"protocol_num": 6, "tcp_flags": 19},
        "traffic": {"bytes": 900 + number, "packets": 5},
        "metadata": {
            "version": "1.1.0",
            "product": {"name": "Amazon VPC", "feature": {"name": "Flowlogs"}},
        },
        "cloud": {"account": {"uid": f"11{number}"}},
        "observables": [{"name": "src_endpoint.ip", "value": "10.0.0.1"}],
    } | more


def parquet(*events: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(events)), buffer)
    return buffer.getvalue()


def test_it_says_what_json_says(read_with: Callable[..., Any]) -> None:
    events = [
        event(1),
        event(2, class_uid=4003),
        event(3, src_endpoint=None),
        event(4, action_id=2, traffic={"bytes": None, "packets": 5}),
    ]
    lines = "".join(json.dumps(one) + "\n" for one in events)
    fields = ["cloud.account.uid", "device.name"]
    columns, text = (
        read_with("ocsf-parquet", parquet(*events), fields=fields),
        read_with("ocsf-json", lines, fields=fields),
    )
    assert len(columns.flows) == 2
    assert columns.flows == text.flows
    assert (columns.reasons, columns.ignored) == (text.reasons, text.ignored)
    assert columns.fields == text.fields
    assert columns.fields[0] == {"cloud.account.uid": "111", "device.name": None}


def test_what_is_not_of_that_kind(read_with: Callable[..., Any]) -> None:
    raw = parquet({"class_uid": 4001, "time": 1, "src_endpoint": {"ip": "10.0.0.1"}})
    assert read_with("ocsf-parquet", raw).reasons == {1: "it has no column dst_endpoint.ip"}
    assert OcsfParquet().detect(parquet(event(1))) == 90
    assert OcsfParquet().detect(raw) == 0
    assert OcsfParquet().detect(b"PAR1") == 0
    assert OcsfParquet().detect(parquet(event(1)), {"columns": {}}) == 0
