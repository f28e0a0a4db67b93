from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.model.logons import LOGON_SCHEMA
from sekisho.model.names import NAME_SCHEMA
from sekisho.store.lake import Lake
from sekisho.store.recorded import RECORDED
from sekisho.store.writer import FileIdentity, Known

MONDAY = datetime(2024, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def put(lake: Lake, *, names: list[dict[str, Any]], logons: list[dict[str, Any]]) -> None:
    sha = hashlib.sha256(f"{names}{logons}".encode()).hexdigest()
    labels = {"sensor": "a", "src_realm": "", "dst_realm": "", "row": 1}
    tables = [
        pa.Table.from_pylist(
            [labels | row for row in rows], schema=pa.schema([f for f in schema if f.name != "file"])
        )
        for rows, schema in ((names, NAME_SCHEMA), (logons, LOGON_SCHEMA))
    ]
    with lake.writer() as writer:
        identity = FileIdentity("x", "a", "zeek", sha, 1, sha, 1, unterminated=False)
        assert not isinstance(writer.begin(identity), Known)
        writer.add_names(tables[0])
        writer.add_logons(tables[1])
        writer.finish(1)
        writer.commit()


def test_what_is_there_by_sensor_host_and_kind(lake: Lake) -> None:
    assert lake.recorded.names().rows.num_rows == lake.recorded.logons().rows.num_rows == 0
    put(
        lake,
        names=[
            {"time": MONDAY, "kind": "sni", "value": "x.example"},
            {"time": MONDAY + DAY, "kind": "sni", "value": "y.example", "sensor": "b"},
            {"time": MONDAY + 3 * DAY, "kind": "sni", "value": "y.example"},
        ],
        logons=[
            {"time": MONDAY, "host": "SRV2", "kind": "logon", "event": 4624},
            {"time": MONDAY + DAY, "host": "srv2", "kind": "logon", "event": 4624},
            {"time": MONDAY, "host": "10.0.0.4", "kind": "rpc"},
            {"time": MONDAY, "host": "10.0.0.5", "kind": "rpc"},
        ],
    )
    found = lake.recorded.names().rows
    assert found.schema == RECORDED
    assert found.to_pylist() == [
        {
            "sensor": "a",
            "host": "",
            "kind": "sni",
            "first": MONDAY,
            "last": MONDAY + 3 * DAY,
            "rows": 2,
        },
        {
            "sensor": "b",
            "host": "",
            "kind": "sni",
            "first": MONDAY + DAY,
            "last": MONDAY + DAY,
            "rows": 1,
        },
    ]
    # What a sensor saw is of no host's log, whatever address answered.
    on_wire, row = lake.recorded.logons().rows.to_pylist()
    assert (on_wire["host"], on_wire["kind"], on_wire["rows"]) == ("", "rpc", 2)
    assert (row["host"], row["rows"], row["last"]) == ("srv2", 2, MONDAY + DAY)
    within = lake.recorded.names(MONDAY + DAY, MONDAY + 2 * DAY).rows
    assert within["sensor"].to_pylist() == ["b"]
