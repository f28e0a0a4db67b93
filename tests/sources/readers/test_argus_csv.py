"""Argus' records: directions, states of every notation, and records that are no flows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.readers.argus_csv import ArgusCsv

HEADER = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,SrcBytes,Label\n"


def line(
    src: str = "10.0.0.1",
    sport: str = "50000",
    way: str = "   ->",
    dst: str = "10.0.0.2",
    dport: str = "443",
    *,
    proto: str = "tcp",
    state: str = "FSPA_FSPA",
    packets: str = "20",
    total: str = "6000",
    size: str = "2000",
    start: str = "2011/08/10 09:46:59.607825",
    lasts: str = "1.026539",
) -> str:
    head = f"{start},{lasts},{proto},{src},{sport},{way},{dst},{dport},{state},0,0"
    return f"{head},{packets},{total},{size},flow=x\n"


def test_a_record_has_both_directions(read_with: Callable[..., Any]) -> None:
    (flow,) = read_with("argus-csv", HEADER + line()).flows
    assert flow["start"] == datetime(2011, 8, 10, 9, 46, 59, 607_825, tzinfo=UTC)
    assert flow["end"] - flow["start"] == timedelta(seconds=1.026539)
    assert flow["bytes_out"] + flow["bytes_out_spread"] == 2000
    assert flow["bytes_in"] + flow["bytes_in_spread"] == 4000
    assert (flow["packets_out"], flow["packets_in"]) == (7, 13), "parted as the bytes are"
    assert (flow["state"], flow["orientation"]) == (State.ESTABLISHED, Orientation.STATED)
    assert not flow["flags"] & Flag.ONE_WAY


def test_times_are_local_or_epoch(read_with: Callable[..., Any]) -> None:
    text = HEADER + line() + line(start="1312969619.607825")
    flows = read_with("argus-csv", text, timezone="Europe/Prague").flows
    assert flows[0]["start"] == datetime(2011, 8, 10, 7, 46, 59, 607_825, tzinfo=UTC)
    assert flows[1]["start"] == datetime(2011, 8, 10, 9, 46, 59, 607_825, tzinfo=UTC)


@pytest.mark.parametrize(
    ("way", "initiator", "flag"),
    [
        ("->", "10.0.0.1", 0),
        ("  <->", "10.0.0.1", 0),
        ("<-", "10.0.0.2", Flag.REVERSED),
        ("?>", "10.0.0.1", Flag.MIDSTREAM),
        ("<?>", "10.0.0.1", Flag.MIDSTREAM),
    ],
)
def test_directions(way: str, initiator: str, flag: int, read_with: Callable[..., Any]) -> None:
    (flow,) = read_with("argus-csv", HEADER + line(way=way)).flows
    assert flow["src"] == initiator
    assert flow["flags"] == flag


def test_where_ra_does_not_know_the_ports_tell(read_with: Callable[..., Any]) -> None:
    text = HEADER + line(sport="443", dport="50000", way="<?>") + line(sport="443", dport="50000")
    flows = read_with("argus-csv", text).flows
    assert [(f["src"], f["dst_port"]) for f in flows] == [("10.0.0.2", 443), ("10.0.0.1", 50_000)]
    assert [f["orientation"] for f in flows] == [Orientation.KNOWN_SERVICE, Orientation.STATED]


@pytest.mark.parametrize(
    ("proto", "state", "back", "expected"),
    [
        ("tcp", "SPA_SPA", True, State.ESTABLISHED),
        ("tcp", "PA_A", True, State.ESTABLISHED),
        ("tcp", "S_", False, State.NO_REPLY),
        ("tcp", "S_RA", True, State.REJECTED),
        ("tcp", "SR_SA", True, State.NO_REPLY),
        ("tcp", "CON", True, State.ESTABLISHED),
        ("tcp", "FIN", True, State.ESTABLISHED),
        ("tcp", "REQ", False, State.NO_REPLY),
        ("tcp", "RST", True, State.UNKNOWN),
        ("udp", "CON", True, State.ESTABLISHED),
        ("udp", "INT", False, State.NO_REPLY),
        ("udp", "URP", True, State.REJECTED),
        ("icmp", "ECO", False, State.NO_REPLY),
        ("icmp", "ECO", True, State.ESTABLISHED),
        ("icmp", "URP", False, State.UNKNOWN),
    ],
)
def test_states(
    proto: str, state: str, back: bool, expected: State, read_with: Callable[..., Any]
) -> None:
    size = "2000" if back else "6000"
    (flow,) = read_with("argus-csv", HEADER + line(proto=proto, state=state, size=size)).flows
    assert flow["state"] == expected
    assert bool(flow["flags"] & Flag.RESET) == (proto == "tcp" and "R" in state.replace("REQ", ""))


def test_what_is_no_flow_is_counted(read_with: Callable[..., Any]) -> None:
    text = (
        HEADER
        + line("", "", "", "", "", proto="man", state="STA")
        + line(sport="", dport="", way="who", proto="arp", state="INT")
        + HEADER
        + line()
    )
    read = read_with("argus-csv", text)
    assert (len(read.flows), read.ignored, read.rejects) == (1, 4, [])


def test_icmp_and_transports_above_udp(read_with: Callable[..., Any]) -> None:
    text = HEADER + line(proto="icmp", sport="0x0303", dport="0xfd63") + line(proto="rtp")
    flows = read_with("argus-csv", text).flows
    assert [(f["protocol"], f["icmp"], f["dst_port"]) for f in flows] == [(1, 771, 0), (17, -1, 443)]


def test_ra_s_own_columns_and_a_total_alone(read_with: Callable[..., Any]) -> None:
    own = (
        "StartTime,LastTime,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,SrcPkts,DstPkts,SrcBytes,DstBytes,State\n"
        "2024-03-01 00:00:00.5,2024-03-01 00:00:02,tcp,10.0.0.1,5000,->,10.0.0.2,22,10,8,1000,800,CON\n"
    )
    (flow,) = read_with("argus-csv", own).flows
    assert (flow["bytes_out"], flow["bytes_in"], flow["packets_in"]) == (800, 640, 8)
    assert flow["end"] - flow["start"] == timedelta(seconds=1.5)
    total = (
        "StartTime,Flgs,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,TotPkts,TotBytes,State\n"
        "2024-03-01 00:00:00, e ,udp,10.0.0.1,5000,->,10.0.0.2,53,4,700,CON\n"
    )
    (flow,) = read_with("argus-csv", total).flows
    assert (flow["bytes_out"], flow["bytes_out_spread"], flow["bytes_in_spread"]) == (0, 700, 700)
    assert flow["flags"] & Flag.SUMMED


def test_sampling_is_scaled(read_with: Callable[..., Any]) -> None:
    (flow,) = read_with("argus-csv", HEADER + line(packets="1000", total="600000"), sampling=10).flows
    assert flow["bytes_in"] < 5_980_000 < flow["bytes_in"] + flow["bytes_in_spread"]
    assert flow["flags"] & Flag.SAMPLED


def test_bad_records_have_a_reason(read_with: Callable[..., Any]) -> None:
    text = (
        HEADER
        + line(src="nobody")
        + line(way="=>")
        + line(start="09:46:59.607825")
        + line(dport="x")
        + line(packets="many")
        + line(proto="unas")
        + "a,b\n"
        + line()
    )
    read = read_with("argus-csv", text)
    assert len(read.flows) == 1
    assert sorted(read.reasons) == list(range(2, 9))
    assert read.reasons[3] == "its direction is none that ra writes"
    assert read.reasons[4] == "the start time is missing or no time"


def test_fields_stand_beside_the_flows(read_with: Callable[..., Any]) -> None:
    assert read_with("argus-csv", HEADER + line(), fields=["Label"]).fields == [{"Label": "flow=x"}]


def test_detection() -> None:
    assert ArgusCsv().detect(HEADER.encode()) == 90
    assert ArgusCsv().detect(b"StartTime,Proto,SrcAddr,DstAddr\n") == 0
    assert ArgusCsv().detect(b"ts,te\n") == 0
