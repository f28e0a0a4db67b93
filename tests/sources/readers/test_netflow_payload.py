"""Raw export datagrams in a file."""

from __future__ import annotations

import struct
from typing import Any

from sekisho.model.flows import Flag
from sekisho.sources.readers.netflow_payload import NetflowPayload


def v5(count: int, claimed: int | None = None) -> bytes:
    head = struct.pack("!HHIIIIBBH", 5, claimed or count, 9_000_000, 1_700_000_000, 0, 0, 0, 0, 0)
    record = struct.pack(
        "!4s4s4sHHIIIIHHBBBBHHBBH",
        b"\x0a\0\0\1",
        b"\x0a\0\0\2",
        b"",
        *(1, 2, 3, 300, 8_998_000, 8_999_000, 40000, 443, 0, 0x1B, 6, 0, 0, 0, 0, 0, 0),
    )
    return head + record * count


def test_records_of_v5_are_one_way_flows(read_with: Any) -> None:
    found = read_with("netflow-payload", v5(2) + v5(1))
    assert found.ends == [("10.0.0.1", 40000, "10.0.0.2", 443)] * 3
    assert [flow["row"] for flow in found.flows] == [1, 1, 2]
    assert Flag.ONE_WAY in Flag(found.flows[0]["flags"])
    assert found.flows[0]["start"].timestamp() == 1_699_999_998.0
    assert found.flows[0]["end"].timestamp() == 1_699_999_999.0
    assert found.rejects == []
    assert (found.last_row, found.ignored) == (2, 0)


def test_a_lying_count_is_named_and_what_fits_is_kept(read_with: Any) -> None:
    found = read_with("netflow-payload", v5(2, claimed=7))
    assert len(found.flows) == 2
    assert found.reasons == {1: "the header says 7 records, 2 fit"}


def test_it_is_known_by_content() -> None:
    assert NetflowPayload().detect(v5(1)) == 60
    assert NetflowPayload().detect(b"ts,te,td") == 0
