"""VPC flow logs as text: with and without a header, and what is no flow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sekisho.model.flows import Flag, State
from sekisho.sources.readers.aws_vpc_text import AwsVpcText

V2 = "2 123456789010 eni-0a1 10.0.0.1 10.0.0.2 50000 443 6 10 5000 1709251200 1709251260 ACCEPT OK\n"
NODATA = "2 123456789010 eni-0a1 - - - - - - - 1709251200 1709251260 - NODATA\n"
SKIPPED = NODATA.replace("NODATA", "SKIPDATA")


def test_the_default_format_needs_no_header(read_with: Callable[..., Any]) -> None:
    exported = "2024-03-01T00:01:00.000Z " + V2
    read = read_with("aws-vpc-text", V2 + exported)
    assert read.ends == [("10.0.0.1", 50000, "10.0.0.2", 443)] * 2
    assert read.rejects == []


def test_a_header_gives_any_order_and_may_change(read_with: Callable[..., Any]) -> None:
    text = (
        "dstaddr srcaddr protocol dstport srcport start\n10.0.0.2 10.0.0.1 6 443 50000 1709251200\n"
        "start srcaddr dstaddr protocol\n1709251200 10.0.0.3 10.0.0.4 1\n"
    )
    read = read_with("aws-vpc-text", text)
    assert read.ends == [("10.0.0.1", 50000, "10.0.0.2", 443), ("10.0.0.4", 0, "10.0.0.3", 0)]
    assert read.ignored == 2
    assert all(flow["flags"] & Flag.BYTES_UNKNOWN for flow in read.flows)


def test_the_packets_own_addresses_stand_before_the_interfaces(read_with: Callable[..., Any]) -> None:
    text = (
        "srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol start\n"
        "10.0.0.1 10.0.0.2 192.0.2.1 - 50000 443 6 1709251200\n"
    )
    assert read_with("aws-vpc-text", text).ends == [("192.0.2.1", 50000, "10.0.0.2", 443)]


def test_nodata_shows_a_living_sensor_and_skipdata_is_told(read_with: Callable[..., Any]) -> None:
    read = read_with("aws-vpc-text", NODATA + SKIPPED)
    assert (read.flows, read.rejects, read.ignored) == ([], [], 2)
    assert len(read.spans) == 1
    assert "SKIPDATA" in read.notes[0]


def test_bad_lines_have_a_reason(read_with: Callable[..., Any]) -> None:
    broken = [
        V2.replace("10.0.0.1", "localhost"),
        V2.replace("1709251200", "yesterday"),
        V2.replace(" 5000 ", " -5 "),
        "one two\n",
        V2.replace(" 5000 ", " 99999999999999999999 "),
    ]
    read = read_with("aws-vpc-text", "".join(broken) + V2)
    assert len(read.flows) == 1
    assert list(read.reasons) == [1, 2, 3, 4, 5]
    assert "srcaddr is no address" in read.reasons[1]
    assert "start time" in read.reasons[2]
    assert "bytes is no whole number" in read.reasons[3]
    assert "no header line says which" in read.reasons[4]


def test_a_header_without_what_is_needed_condemns_its_lines(read_with: Callable[..., Any]) -> None:
    read = read_with("aws-vpc-text", "version srcaddr start\n5 10.0.0.1 1709251200\n")
    assert read.reasons == {2: "its header has no protocol, dstaddr"}


def test_raw_fields_are_given_beside_the_flows(read_with: Callable[..., Any]) -> None:
    read = read_with("aws-vpc-text", V2, fields=["interface-id", "vpc-id"])
    assert read.fields == [{"interface-id": "eni-0a1", "vpc-id": None}]


def test_detection() -> None:
    reader = AwsVpcText()
    assert reader.detect(V2.encode()) == 85
    assert reader.detect(NODATA.encode()) == 85
    assert reader.detect(b"version srcaddr dstaddr protocol start\n") == 90
    assert reader.detect(b"version 2 of the log\n") == 0


def test_real_lines(shared_data: Path, read_with: Callable[..., Any]) -> None:
    folder = shared_data / "formats" / "elastic"
    read = read_with("aws-vpc-text", (folder / "aws-vpcflow-v2.log").read_bytes())
    assert (len(read.flows), read.ignored, read.rejects) == (5, 2, [])
    assert [State(flow["state"]) for flow in read.flows].count(State.DENIED) == 2
    later = read_with("aws-vpc-text", (folder / "aws-vpcflow-v5-all-fields.log").read_bytes())
    flow = later.flows[0]
    assert flow["dst"] == "10.200.0.80", "the packet's own address"
    assert flow["flags"] & Flag.IMPOSSIBLE_TIME, "its start is a digit short"
    assert State(flow["state"]) == State.DENIED
