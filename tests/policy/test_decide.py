from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import pyarrow as pa

from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.decide import micros

AT = datetime(2020, 3, 1, tzinfo=UTC)


def decided(judge: CompiledPolicy, *rows: tuple[str, str, int, int]) -> list[dict[str, Any]]:
    classes = [[judge.labels.of("", ip_address(end), AT) for end in row[:2]] for row in rows]
    table = pa.table(
        {
            "epoch": pa.array([judge.labels.epoch_of(AT)] * len(rows), pa.int32()),
            "src_class": pa.array([src for src, _ in classes], pa.int32()),
            "dst_class": pa.array([dst for _, dst in classes], pa.int32()),
            "protocol": pa.array([row[2] for row in rows], pa.int16()),
            "port": pa.array([row[3] for row in rows], pa.int32()),
        }
    )
    found: list[dict[str, Any]] = judge.decide(table).to_pylist()
    return found


def test_pieces_of_time_cover_all_time(register: Callable[[str], CompiledPolicy]) -> None:
    judge = register(
        "connections: [{id: A, allow: 'th/* -> jp/* : tcp/1-100', from: 2020-01-01, expires: 2020-03-31}]"
    )
    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 4, 1, tzinfo=UTC)
    rows = decided(judge, ("10.40.0.1", "10.1.0.1", 6, 100))
    assert [(row["begin"], row["end"], row["rank"]) for row in rows] == [
        (None, begin, Rank.LAPSED),
        (begin, end, Rank.AUTHORIZED),
        (end, None, Rank.LAPSED),
    ]


def test_each_port_is_judged_by_the_rules_that_cover_it(
    register: Callable[[str], CompiledPolicy],
) -> None:
    judge = register(
        """
connections:
  - {id: A, allow: "th/* -> jp/* : tcp/20-30, udp/53"}
  - {id: B, allow: "th/edi -> jp/* : tcp/25-40, icmp"}
"""
    )
    ports = [(6, 19), (6, 20), (6, 30), (6, 31), (6, 40), (6, 41), (17, 53), (17, 54), (1, 0), (0, 0)]
    rows = decided(judge, *(("10.40.2.10", "10.1.0.1", *port) for port in ports))
    assert [row["rank"] for row in rows] == [6, 2, 2, 2, 2, 6, 2, 6, 2, 6]
    rows = decided(judge, *(("10.40.2.11", "10.1.0.1", *port) for port in ports))
    assert [row["rank"] for row in rows] == [6, 2, 2, 6, 6, 6, 2, 6, 6, 6]


def test_what_rules_do_not_decide_is_mixed_in_in_the_order_that_was_asked(
    register: Callable[[str], CompiledPolicy],
) -> None:
    judge = register("connections: [{id: A, allow: 'th/* -> jp/* : https'}]")
    rows = decided(
        judge,
        ("10.40.0.1", "10.40.0.2", 6, 443),
        ("10.40.0.1", "10.1.0.2", 6, 443),
        ("10.40.0.1", "8.8.8.8", 6, 443),
        ("10.60.0.1", "8.8.8.8", 6, 443),
        ("10.40.0.1", "172.16.0.1", 6, 443),
    )
    assert [row["rank"] for row in rows] == [
        Rank.INTRA_SITE, Rank.AUTHORIZED, Rank.EXTERNAL, Rank.UNAUTHORIZED, Rank.UNMAPPED,
    ]  # fmt: skip
    assert decided(judge) == []


def test_micros_are_exact() -> None:
    assert micros(datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)) == 253_402_300_799_999_999
    assert micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)) == -1
    assert micros(None) == 0
