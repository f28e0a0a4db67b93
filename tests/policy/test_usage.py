from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address

import pyarrow as pa

from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.usage import usage

RULES = """
connections:
  - {id: A, allow: "th/* -> jp/* : https", from: 2020-02-01, expires: 2020-02-29}
  - {id: B, allow: "th/edi -> jp/* : https, ssh"}
  - {id: C, allow: "us/* -> jp/* : https"}
"""


def day(month: int, number: int = 1) -> datetime:
    return datetime(2020, month, number, tzinfo=UTC)


def test_a_rule_is_used_where_it_permitted_something_at_some_time(
    register: Callable[[str], CompiledPolicy],
) -> None:
    judge = register(RULES)

    def row(src: str, dst: str, port: int, first: datetime, last: datetime) -> tuple[object, ...]:
        ends = [judge.labels.of("", ip_address(end), first) for end in (src, dst)]
        return (*ends, 6, port, first, last)

    rows = [
        row("10.40.1.1", "10.1.0.1", 443, day(2, 10), day(3, 10)),
        row("10.40.1.1", "10.1.0.1", 443, day(2, 5), day(2, 6)),
        row("10.40.2.10", "10.1.0.1", 443, day(3), day(4)),
        row("10.40.2.10", "10.1.0.1", 80, day(1), day(1)),
        row("10.60.1.1", "10.60.1.2", 443, day(1), day(1)),
    ]
    names = ("src_class", "dst_class", "protocol", "port", "first", "last")
    table = pa.table(
        {name: list(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    )
    found = usage(judge, table, day(1), day(5))
    assert found.rules == {"A": (day(2, 5), day(3, 10)), "B": (day(3), day(4))}
    assert (found.begin, found.end) == (day(1), day(5))


def test_no_evidence_uses_nothing(register: Callable[[str], CompiledPolicy]) -> None:
    names = ("src_class", "dst_class", "protocol", "port", "first", "last")
    table = pa.table({name: pa.array([], pa.int32()) for name in names})
    assert usage(register(RULES), table, day(1), day(2)).rules == {}
