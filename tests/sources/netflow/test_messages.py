"""Headers."""

from __future__ import annotations

from typing import Any

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.messages import IPFIX, NO_UPTIME, V5, V9, parse


def test_each_version_has_its_header(encoder: Any) -> None:
    items = [
        encoder.message(9, [], sequence=7, domain=3),
        encoder.v5([{}], sequence=8, sampling=0x4000 | 100),
        encoder.message(10, [], sequence=9, domain=4),
    ]
    versions, faults = parse(Datagrams.of([("a", item, 0) for item in items]))
    assert faults == []
    found = {messages.version: messages for messages in versions}
    assert {v: m.index.tolist() for v, m in found.items()} == {V9: [0], V5: [1], IPFIX: [2]}
    assert {v: m.sequence.tolist() for v, m in found.items()} == {V9: [7], V5: [8], IPFIX: [9]}
    assert found[V5].export.tolist() == [encoder.at * 1_000_000 + 500_000]
    assert found[V5].sampling.tolist() == [100]
    assert found[V9].uptime.tolist() == [encoder.uptime]
    assert found[IPFIX].uptime.tolist() == [NO_UPTIME]
    assert found[IPFIX].domain.tolist() == [4]


def test_a_header_without_a_time_counts_at_its_arrival(encoder: Any) -> None:
    versions, _ = parse(Datagrams.of([("a", encoder.message(9, [], at=0), 55)]))
    assert versions[0].export.tolist() == [55]


def test_an_ipfix_message_ends_where_it_says_and_never_after_its_datagram(encoder: Any) -> None:
    whole = encoder.message(10, [b"12345678"])
    versions, _ = parse(Datagrams.of([("a", whole + b"more", 0), ("a", whole[:-4], 0)]))
    assert (versions[0].end - versions[0].begin).tolist() == [8, 4]


def test_what_is_no_export_is_a_fault_with_its_row() -> None:
    items = [b"", b"\0", b"\0\x09", b"GET / HTTP/1.1", b"\0\x05" + bytes(21)]
    versions, faults = parse(Datagrams.of([("a", item, 0) for item in items], first_row=4))
    assert versions == []
    assert [fault.row for fault in faults] == [4, 5, 6, 7, 8]
    assert faults[2].reason == "the header of version 9 is cut off"
    assert "neither" in faults[3].reason
