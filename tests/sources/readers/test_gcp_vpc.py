"""GCP VPC flow logs: counts as text and as numbers, sampled ranges, other logs of the same export."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.readers.gcp_vpc import GcpVpc


def entry(
    log: str | None = "projects/p/logs/compute.googleapis.com%2Fvpc_flows", **changed: Any
) -> str:
    payload: dict[str, Any] = {
        "connection": {
            "src_ip": "10.0.0.1",
            "src_port": 50000,
            "dest_ip": "10.9.0.1",
            "dest_port": 443,
            "protocol": 6,
        },
        "bytes_sent": "90000",
        "packets_sent": "300",
        "start_time": "2024-03-01T00:00:00.123456789Z",
        "end_time": "2024-03-01T00:00:05.5Z",
        "reporter": "SRC",
    }
    payload["connection"] |= changed.pop("connection", {})
    whole: dict[str, Any] = {"jsonPayload": payload | changed, "timestamp": "2024-03-01T00:10:00Z"}
    if log is not None:
        whole["logName"] = log
    return json.dumps(whole) + "\n"


def test_a_record_is_one_direction_and_a_range_around_what_was_scaled_up(
    read_with: Callable[..., Any],
) -> None:
    read = read_with("gcp-vpc", entry(), fields=["reporter"])
    flow = read.flows[0]
    assert read.ends == [("10.0.0.1", 50000, "10.9.0.1", 443)]
    assert flow["start"] == datetime(2024, 3, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert flow["end"].microsecond == 500_000
    assert flow["flags"] == Flag.ONE_WAY | Flag.SAMPLED
    assert 0 < flow["bytes_out"] < 90_000 < flow["bytes_out"] + flow["bytes_out_spread"]
    assert (flow["packets_out"], flow["orientation"]) == (300, Orientation.KNOWN_SERVICE)
    assert read.fields == [{"reporter": "SRC"}]


def test_the_direction_back_belongs_to_the_same_initiator(read_with: Callable[..., Any]) -> None:
    ends = {"src_ip": "10.9.0.1", "src_port": 443, "dest_ip": "10.0.0.1", "dest_port": 50000}
    read = read_with("gcp-vpc", entry() + entry(connection=ends))
    assert read.ends[0] == read.ends[1]
    assert read.flows[1]["packets_in"] == 300


def test_a_round_trip_shows_an_answer(read_with: Callable[..., Any]) -> None:
    text = entry(rtt_msec="4") + entry() + entry(rtt_msec="4", packets_sent="1")
    states = [State(flow["state"]) for flow in read_with("gcp-vpc", text).flows]
    assert states == [State.ESTABLISHED, State.UNKNOWN, State.UNKNOWN]


def test_counts_may_be_numbers_and_entries_an_array(read_with: Callable[..., Any]) -> None:
    entries = [json.loads(entry(bytes_sent=90000, packets_sent=300)), json.loads(entry(log=None))]
    read = read_with("gcp-vpc", json.dumps(entries))
    assert [flow["packets_out"] for flow in read.flows] == [300, 300]


def test_other_logs_are_no_flows_and_broken_entries_are_set_aside(
    read_with: Callable[..., Any],
) -> None:
    firewall = entry(log="projects/p/logs/compute.googleapis.com%2Ffirewall")
    broken = entry(connection={"src_ip": "host"}) + entry(bytes_sent="x") + entry(start_time="soon")
    read = read_with("gcp-vpc", firewall + broken + "{half\n" + entry())
    assert (len(read.flows), read.ignored) == (1, 1)
    assert list(read.reasons) == [2, 3, 4, 5]


def test_detection() -> None:
    assert GcpVpc().detect(entry().encode()) == 92
    assert GcpVpc().detect(b'{"jsonPayload":{"connection":{"src_ip":"1.1.1.1"}}}\n') == 0


def test_real_entries(shared_data: Path, read_with: Callable[..., Any]) -> None:
    raw = (shared_data / "formats" / "elastic" / "gcp-vpcflow.jsonl").read_text()
    read = read_with("gcp-vpc", raw)
    assert (len(read.flows), read.rejects) == (5, [])
    assert read.ends[3] == read.ends[4], "two directions of one connection"
    assert [flow["packets_out"] + flow["packets_in"] for flow in read.flows] == [7, 68, 1, 7, 7]
