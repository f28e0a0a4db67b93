"""nfcapd's files, made by hand as nfdump 1.7 lays them out, and read by nfdump (package `nfdump`)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import pytest

from sekisho.model.flows import Flag
from sekisho.sources.readers.nfcapd import Nfcapd

Record = tuple[int, int, str, str, int, int, int, int, int, int]
"""First and last in milliseconds, ends, ports, protocol, TCP flags, packets, bytes."""
SYN: Record = (
    1_700_000_000_123,
    1_700_000_001_456,
    "10.0.0.1",
    "10.0.0.2",
    40000,
    443,
    6,
    2,
    7,
    9_000_000,
)
V6: Record = (
    1_700_000_005_000,
    1_700_000_005_000,
    "2001:db8::1",
    "2001:db8::2",
    0,
    0x8000,
    58,
    0,
    1,
    80,
)


def nfcapd(records: Sequence[Record]) -> bytes:
    """Header, one block, and records of a generic and an address part."""
    out = b""
    for first, last, src, dst, sport, dport, protocol, flags, packets, octets in records:
        counts = (first, last, last, packets, octets, sport, dport, protocol, flags, 0, 0)
        body = struct.pack("<HH5QHHBBBB", 1, 52, *counts)
        a, b = int(ip_address(src)), int(ip_address(dst))
        if ip_address(src).version == 4:
            body += struct.pack("<HHII", 2, 12, a, b)
        else:
            low = (1 << 64) - 1
            body += struct.pack("<HH4Q", 3, 36, a >> 64, a & low, b >> 64, b & low)
        out += struct.pack("<HHHBBHBB", 11, 12 + len(body), 2, 0, 0, 0, 0, 9) + body
    block = struct.pack("<IIHH", len(records), len(out), 3, 0) + out
    head = (0xA50C, 2, 0x01070100, 1_700_000_000, 0, 0, 0, 1, 0, 1 << 20, 1)
    return struct.pack("<HHIQBBHIQII", *head) + block


def test_records_keep_their_milliseconds_and_ends(read_with: Any) -> None:
    found = read_with("nfcapd", nfcapd([SYN, V6]), timezone="Asia/Tokyo")
    assert found.rejects == []
    assert found.ends == [("10.0.0.1", 40000, "10.0.0.2", 443), ("2001:db8::2", 0, "2001:db8::1", 0)]
    one, six = found.flows
    assert (one["start"].timestamp(), one["end"].timestamp()) == (1_700_000_000.123, 1_700_000_001.456)
    assert (one["bytes_out"], one["packets_out"]) == (9_000_000, 7)
    assert Flag(one["flags"]) == Flag.ONE_WAY | Flag.SYN_ONLY
    assert six["icmp"] == 0x8000
    assert (found.last_row, found.ignored) == (3, 1)
    assert found.spans


def test_a_grown_reading_goes_on(read_with: Any) -> None:
    assert len(read_with("nfcapd", nfcapd([SYN, V6]), first_row=3).flows) == 1


def test_what_nfdump_complains_of_is_named(read_with: Any) -> None:
    found = read_with("nfcapd", nfcapd([SYN])[:60])
    assert found.flows == []
    (reason,) = found.reasons.values()
    assert reason.startswith("nfdump: ")
    assert "/tmp" not in reason


def test_without_nfdump_the_file_waits_and_the_mend_is_named(
    read_with: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="install the package `nfdump`"):
        read_with("nfcapd", nfcapd([SYN]))


def test_it_is_known_by_its_magic_number() -> None:
    assert Nfcapd().detect(nfcapd([SYN])) == 90
    assert Nfcapd().detect(b"\x0c\xa5\x09\x00") == 0
