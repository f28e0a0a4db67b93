"""sFlow datagrams."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.sflow.samples import Samples, samples_in


def record(number: int, body: bytes) -> bytes:
    return struct.pack("!II", number, len(body)) + body


def header(content: bytes, protocol: int = 1) -> bytes:
    padding = bytes(-len(content) % 4)
    return record(1, struct.pack("!IIII", protocol, 1500, 4, len(content)) + content + padding)


def sample(records: list[bytes], *, expanded: bool = False, rate: int = 512) -> bytes:
    body = b"".join(records)
    if expanded:
        head = struct.pack("!11I", 1, 0, 3, rate, 0, 0, 0, 9, 0, 8, len(records))
    else:
        head = struct.pack("!8I", 1, 3, rate, 0, 0, 9, 8, len(records))
    return record(3 if expanded else 1, head + body)


def datagram(samples: list[bytes], sequence: int = 1) -> bytes:
    head = struct.pack("!III", 5, 1, 0x0A000001)
    return head + struct.pack("!IIII", 7, sequence, 999, len(samples)) + b"".join(samples)


def walked(*payloads: bytes) -> tuple[Datagrams, Samples]:
    datagrams = Datagrams.of([("x", payload, 5) for payload in payloads])
    return datagrams, samples_in(datagrams)


@pytest.mark.parametrize("expanded", [False, True])
def test_headers_with_their_rate_interface_and_vlan(expanded: bool) -> None:
    vlan = record(1001, struct.pack("!IIII", 42, 0, 43, 0))
    datagrams, found = walked(
        datagram([sample([vlan, header(b"frame"), record(9999, b"abcd")], expanded=expanded)], 4)
    )
    ((start, end, *rest),) = found.headers
    assert datagrams.data[start:end] == b"frame"
    assert rest == [1, 512, 9, 42, 0, 0]
    assert found.agents == [("10.0.0.1", 7)]
    assert found.sequences == [(0, 4)]
    assert found.faults == []


def test_counters_and_samples_without_a_header_are_counted() -> None:
    _, found = walked(
        datagram([record(2, bytes(12)), sample([record(3, bytes(32))]), record(4097, b"")])
    )
    assert found.headers == []
    assert found.counters == [0, 0, 0]


def test_an_agent_may_have_an_ipv6_address() -> None:
    payload = struct.pack("!II", 5, 2) + bytes(15) + b"\1" + struct.pack("!IIII", 0, 1, 9, 0)
    _, found = walked(payload)
    assert found.agents == [("::1", 0)]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.binary(max_size=4))
def test_lengths_that_lie_never_leave_the_datagram(cut: int, at: int, other: bytes) -> None:
    raw = bytearray(datagram([sample([header(b"f" * 60)]), sample([header(b"g" * 60)], expanded=True)]))
    raw[at : at + len(other)] = other
    datagrams, found = walked(bytes(raw[: max(28, len(raw) - cut)]))
    assert all(0 <= start <= end <= len(datagrams.data) for start, end, *_ in found.headers)
