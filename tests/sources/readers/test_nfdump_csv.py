"""nfdump's CSV: one-way records, wrapped durations, ICMP in the port, and a real export."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation, State
from sekisho.sources.readers.nfdump_csv import NfdumpCsv

HEADER = "ts,te,td,sa,da,sp,dp,pr,flg,fwd,stos,ipkt,ibyt,opkt,obyt\n"


def line(
    src: str = "10.0.0.1",
    dst: str = "10.0.0.2",
    sport: str = "50000",
    dport: str = "443",
    *,
    start: str = "2024-03-01 09:00:00",
    end: str = "2024-03-01 09:00:10",
    lasts: str = "10.250",
    proto: str = "TCP",
    flags: str = "...AP.SF",
    status: str = "0",
    packets: str = "7",
    size: str = "900",
    back: str = "0,0",
) -> str:
    head = f"{start},{end},{lasts},{src},{dst},{sport},{dport},{proto},{flags},{status},0"
    return f"{head},{packets},{size},{back}\n"


def test_a_record_is_one_way_and_its_time_is_local(read_with: Callable[..., Any]) -> None:
    read = read_with("nfdump-csv", HEADER + line(), timezone="Asia/Tokyo")
    flow = read.flows[0]
    assert flow["start"] == datetime(2024, 3, 1, tzinfo=UTC)
    assert flow["end"] - flow["start"] == timedelta(seconds=10.25), "finer than whole seconds"
    assert flow["flags"] & Flag.ONE_WAY
    assert flow["flags"] & Flag.SYN_ACK
    assert (flow["bytes_out"], flow["packets_out"], flow["payload_out"]) == (900, 7, None)
    assert flow["orientation"] == Orientation.KNOWN_SERVICE


def test_both_halves_are_oriented_alike(read_with: Callable[..., Any]) -> None:
    back = line("10.0.0.2", "10.0.0.1", "443", "50000")
    read = read_with("nfdump-csv", HEADER + line() + back)
    assert read.ends[0] == read.ends[1]
    assert read.flows[1]["flags"] & Flag.REVERSED
    assert (read.flows[1]["bytes_out"], read.flows[1]["bytes_in"]) == (0, 900)


def test_bidirectional_records_are_whole(read_with: Callable[..., Any]) -> None:
    flow = read_with("nfdump-csv", HEADER + line(back="3,600")).flows[0]
    assert not flow["flags"] & Flag.ONE_WAY
    assert (flow["bytes_in"], flow["packets_in"]) == (600, 3)


def test_the_sender_of_a_lone_syn_is_the_initiator(read_with: Callable[..., Any]) -> None:
    reversed_ports = line("10.0.0.2", "10.0.0.1", "443", "50000", flags="......S.")
    flow = read_with("nfdump-csv", HEADER + reversed_ports).flows[0]
    assert (flow["src"], flow["src_port"]) == ("10.0.0.2", 443)
    assert flow["orientation"] == Orientation.HANDSHAKE


@pytest.mark.parametrize("lasts", ["18446744073709540.000", "-3.0", ""])
def test_a_wrapped_duration_is_not_believed(lasts: str, read_with: Callable[..., Any]) -> None:
    flow = read_with("nfdump-csv", HEADER + line(lasts=lasts)).flows[0]
    assert flow["end"] - flow["start"] == timedelta(seconds=10)


def test_an_end_before_the_start_is_kept_and_flagged(read_with: Callable[..., Any]) -> None:
    flow = read_with(
        "nfdump-csv", HEADER + line(end="2024-03-01 08:59:47", lasts="18446744073709540.000")
    ).flows[0]
    assert flow["flags"] & Flag.IMPOSSIBLE_TIME


def test_icmp_stands_in_the_port(read_with: Callable[..., Any]) -> None:
    text = HEADER + line(proto="ICMP", sport="0", dport="3.13") + line(proto="ICMP6", dport="128")
    flows = read_with("nfdump-csv", text).flows
    assert [(f["protocol"], f["icmp"], f["dst_port"]) for f in flows] == [(1, 781, 0), (58, 128, 0)]


def test_what_the_router_dropped_is_denied(read_with: Callable[..., Any]) -> None:
    flows = read_with("nfdump-csv", HEADER + line(status="128") + line(status="64")).flows
    assert [State(f["state"]) for f in flows] == [State.DENIED, State.UNKNOWN]


def test_names_of_1_7_and_summary_lines(read_with: Callable[..., Any]) -> None:
    header = "firstSeen,duration,proto,srcAddr,srcPort,dstAddr,dstPort,packets,bytes,bpp,bps,flows\n"
    row = "2024-03-01 09:00:00.123,1.000,TCP,10.0.0.1,50000,10.0.0.2,443,7,900,1,2,1\n"
    text = header + row + "Summary\nflows,bytes\n1,900\n" + header + row
    read = read_with("nfdump-csv", text)
    assert len(read.flows) == 2
    assert read.flows[0]["start"].microsecond == 123_000
    assert read.rejects == []
    assert read.ignored == 5


def test_bad_lines_have_a_reason(read_with: Callable[..., Any]) -> None:
    text = HEADER + line(src="localhost") + line(dport="a") + line(size="-1") + "x,y\n" + line()
    read = read_with("nfdump-csv", text)
    assert len(read.flows) == 1
    assert list(read.reasons) == [2, 3, 4, 5]
    assert "source is no address" in read.reasons[2]
    assert "port" in read.reasons[3]
    assert "no whole number" in read.reasons[4]


def test_detection() -> None:
    assert NfdumpCsv().detect(HEADER.encode()) == 90
    assert NfdumpCsv().detect(b"ts,uid\n") == 0


def test_a_real_export_agrees_with_a_plain_reading(
    shared_data: Path, read_with: Callable[..., Any]
) -> None:
    raw = (shared_data / "formats" / "nfdump-csv.csv").read_text()
    plain = [
        row
        for row in csv.DictReader(raw.splitlines())
        if row["ts"] and row["ts"][:2] in ("19", "20") and row["da"]
    ]
    read = read_with("nfdump-csv", raw)
    assert len(read.flows) + len(read.rejects) == len(plain)
    assert read.rejects == []
    told = [
        {(f["src"], f["src_port"]), (f["dst"], f["dst_port"])}
        for f in read.flows
        if f["protocol"] in (6, 17)
    ]
    assert told == [
        {(row["sa"], int(row["sp"])), (row["da"], int(row["dp"]))}
        for row in plain
        if row["pr"] in ("TCP", "UDP")
    ]
    assert sum(f["bytes_out"] + f["bytes_in"] for f in read.flows) == sum(
        int(row["ibyt"]) + int(row["obyt"]) for row in plain
    )
