"""Sampled packets as flows."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.addresses import text_of
from sekisho.model.flows import Flag, Orientation
from sekisho.sources.base import ReadContext
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.sflow import flows
from sekisho.sources.sflow.flows import SflowReading

NOW = datetime(2024, 6, 1, tzinfo=UTC)
AT = 1_700_000_000_000_000


def packet(protocol: int, content: bytes, length: int = 1500) -> bytes:
    """The first bytes of a frame whose IP packet is `length` long."""
    ends = ip_address("10.0.0.1").packed + ip_address("10.0.0.2").packed
    ip = struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0, 64, protocol, 0) + ends
    return bytes(12) + b"\x08\x00" + ip + content


def tcp(flags: int, src: int = 40000, dst: int = 443) -> bytes:
    return packet(6, struct.pack("!HHIIBB6x", src, dst, 0, 0, 0x50, flags))


def datagram(frames: list[bytes], sequence: int = 1, rate: int = 1000) -> bytes:
    out = struct.pack("!IIIIIII", 5, 1, 0x0A000063, 0, sequence, 9, len(frames))
    for frame in frames:
        body = struct.pack("!IIII", 1, 1518, 4, len(frame)) + frame + bytes(-len(frame) % 4)
        record = struct.pack("!II", 1, len(body)) + body
        sample = struct.pack("!8I", 1, 3, rate, 0, 0, 9, 8, 1) + record
        out += struct.pack("!II", 1, len(sample)) + sample
    return out


def read(*payloads: bytes, at: int = AT, **context: Any) -> tuple[list[dict[str, Any]], Any, Any]:
    reading = SflowReading(ReadContext("UTC", 1, NOW, **context))
    batch = reading.batch(Datagrams.of([("10.0.0.99", payload, at) for payload in payloads]))
    rows = batch.flows.to_pylist()
    for row in rows:
        row["src"], row["dst"] = (text_of(row[f"{e}_hi"], row[f"{e}_lo"]) for e in ("src", "dst"))
    return rows, batch, reading


def test_a_sample_stands_for_the_packets_between_two() -> None:
    ((row,), batch, _) = read(datagram([tcp(2)]))
    assert (row["src"], row["dst"], row["dst_port"], row["protocol"]) == (
        "10.0.0.1",
        "10.0.0.2",
        443,
        6,
    )
    assert row["packets_out"] == 1000
    assert row["bytes_out"] <= 1_500_000 <= row["bytes_out"] + row["bytes_out_spread"]
    assert Flag(row["flags"]) == Flag.SAMPLED | Flag.ONE_WAY | Flag.SYN_ONLY
    assert row["orientation"] == Orientation.HANDSHAKE
    assert row["start"] == row["end"] == datetime.fromtimestamp(AT / 1e6, UTC)
    assert batch.ignored == 0


def test_unsampled_packets_are_exact() -> None:
    ((row,), _, _) = read(datagram([tcp(0x10)], rate=1))
    assert (row["bytes_out"], row["bytes_out_spread"], row["packets_out"]) == (1500, 0, 1)
    assert Flag.SAMPLED not in Flag(row["flags"])


def test_icmp_and_what_is_no_ip() -> None:
    rows, batch, _ = read(
        datagram([packet(1, b"\x08\x00" + bytes(6)), bytes(12) + b"\x08\x06" + bytes(28)])
    )
    assert [row["icmp"] for row in rows] == [0x0800]
    assert batch.ignored == 1


def test_without_an_arrival_there_is_no_time() -> None:
    rows, batch, _ = read(datagram([tcp(2)]), at=0)
    assert rows == []
    assert [reject.reason for reject in batch.rejects] == ["the start time is missing or no time"]


def test_rows_before_the_first_are_not_given_again() -> None:
    rows, _, _ = read(datagram([tcp(2)]), datagram([tcp(2)], 2), first_row=2)
    assert [row["row"] for row in rows] == [2]


def test_losses_and_raw_fields() -> None:
    wanted = frozenset({"exporter", "input", "vlan", "nothing"})
    _, batch, reading = read(datagram([tcp(2)], 1), datagram([], 5), fields=wanted)
    assert batch.fields.to_pylist() == [
        {"exporter": "10.0.0.99", "input": "9", "nothing": None, "vlan": None}
    ]
    assert batch.ignored == 1
    assert "3 datagrams are missing" in reading.notes()[0]


def test_an_agent_that_starts_again_lost_nothing() -> None:
    numbers = [4_000_000_000, 4_000_000_001, 1, 2, 3, 2_000_000_000, 1]
    rows, batch, reading = read(*(datagram([tcp(2)], number) for number in numbers))
    assert (len(rows), batch.rejects, reading.notes()) == (7, (), ())


@pytest.mark.parametrize("cut", [1, 30, 60])
def test_a_datagram_that_is_cut_off_is_named_and_its_whole_samples_kept(cut: int) -> None:
    rows, batch, _ = read(datagram([tcp(2), tcp(2)])[:-cut])
    assert len(rows) == 1
    assert [reject.row for reject in batch.rejects] == [1]


def test_agents_that_one_sender_makes_up_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows, "EACH_LIMIT", 2)

    def agent(number: int) -> bytes:
        return struct.pack("!IIIIIII", 5, 1, number, 0, 1, 9, 0)

    reading = SflowReading(ReadContext("UTC", 1, NOW))
    for _ in range(2):
        sent = [("10.0.0.1", agent(number), AT) for number in range(1, 5)]
        reading.batch(Datagrams.of([*sent, ("10.0.0.2", agent(1), AT)]))
    assert [(sender, name) for sender, name, _ in reading.sequences] == [
        ("10.0.0.1", "0.0.0.1"),
        ("10.0.0.1", "0.0.0.2"),
        ("10.0.0.2", "0.0.0.1"),
    ]


@settings(max_examples=150, deadline=None)
@given(
    at=st.integers(0, 400),
    other=st.binary(max_size=12),
    cut=st.integers(0, 400),
    raw=st.binary(max_size=200),
)
def test_any_bytes_end_in_flows_and_rejects_and_cost_only_themselves(
    at: int, other: bytes, cut: int, raw: bytes
) -> None:
    good = datagram([tcp(2), tcp(16)])
    bad = bytearray(good)
    bad[at : at + len(other)] = other
    head = struct.pack("!II", 5, 1) + raw
    rows, batch, _ = read(good, bytes(bad[: max(1, len(bad) - cut)]), raw, head, good)
    held = {row["row"] for row in rows} | {reject.row for reject in batch.rejects}
    assert len([row for row in rows if row["row"] in (1, 5)]) == 4
    assert len(held) + batch.ignored >= 5, "each datagram is accounted for"
    assert all(0 <= row["src_port"] <= 65_535 and row["bytes_out"] >= 0 for row in rows)
