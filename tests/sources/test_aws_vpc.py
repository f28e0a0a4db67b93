"""What AWS's fields mean, whatever they came in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources import aws_vpc

NAMES = "version srcaddr dstaddr srcport dstport protocol packets bytes start end action tcp-flags log-status"


def line(
    src: str = "10.0.0.1",
    dst: str = "10.0.0.2",
    ports: str = "50000 443",
    size: str = "10 5000",
    *,
    action: str = "ACCEPT",
    flags: str = "0",
) -> str:
    return f"5 {src} {dst} {ports} 6 {size} 1709251200 1709251260 {action} {flags} OK\n"


def flows_of(read_with: Callable[..., Any], *lines: str) -> list[dict[str, Any]]:
    flows: list[dict[str, Any]] = read_with("aws-vpc-text", NAMES + "\n" + "".join(lines)).flows
    return flows


def test_a_record_is_one_way_and_says_nothing_about_being_established(
    read_with: Callable[..., Any],
) -> None:
    flow = flows_of(read_with, line())[0]
    assert flow["flags"] == Flag.ONE_WAY
    assert (flow["bytes_out"], flow["bytes_out_spread"], flow["packets_out"]) == (5000, 0, 10)
    assert State(flow["state"]) == State.UNKNOWN


def test_rejected_traffic_is_denied(read_with: Callable[..., Any]) -> None:
    assert State(flows_of(read_with, line(action="REJECT"))[0]["state"]) == State.DENIED


@pytest.mark.parametrize(
    ("flags", "size", "kept"),
    [("2", "1 60", True), ("2", "3 180", True), ("2", "10 5000", False), ("3", "6 400", False)],
)
def test_a_syn_with_more_behind_it_is_no_lone_syn(
    flags: str, size: str, kept: bool, read_with: Callable[..., Any]
) -> None:
    """An ACK is told with a SYN only, so 2 stands over whole conversations as well."""
    flow = flows_of(read_with, line(flags=flags, size=size))[0]
    assert bool(flow["flags"] & Flag.SYN_ONLY) is kept
    assert flow["orientation"] == Orientation.HANDSHAKE


def test_who_answers_a_syn_is_the_responder_whatever_the_ports(
    read_with: Callable[..., Any],
) -> None:
    there = line("10.0.0.9", "10.0.0.1", "443 50000", flags="3")
    back = line("10.0.0.1", "10.0.0.9", "50000 443", flags="19")
    for flows in (flows_of(read_with, there, back), flows_of(read_with, back)):
        assert {(f["src"], f["src_port"], f["dst_port"]) for f in flows} == {("10.0.0.9", 443, 50000)}
        assert {f["orientation"] for f in flows} == {Orientation.HANDSHAKE}


def test_a_reset_is_flagged(read_with: Callable[..., Any]) -> None:
    assert flows_of(read_with, line(flags="6"))[0]["flags"] & Flag.RESET


def test_what_is_missing_is_named() -> None:
    assert aws_vpc.missing(aws_vpc.DEFAULT) == []
    assert aws_vpc.missing(("start", "protocol", "pkt-srcaddr")) == ["dstaddr"]
