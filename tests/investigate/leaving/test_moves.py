"""Ways of connections, out of a lake."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.leaving import moves
from sekisho.model.verdicts import Rank

HOST, OTHER, OUT = "10.2.0.40", "10.3.0.50", "45.77.10.99"


def fabric_of(woven: Callable[..., Fabric]) -> Fabric:
    return woven(
        [
            (HOST, OUT, 443, Rank.EXTERNAL, 50.0, 3),
            (HOST, OTHER, 445, Rank.AUTHORIZED, 51.0, 2),
            (HOST, OTHER, 53, Rank.AUTHORIZED, 51.0, 9),
            (OTHER, HOST, 22, Rank.ATTEMPTED, 52.0, 2),
            ("10.4.0.1", OTHER, 445, Rank.AUTHORIZED, 52.0, 2),
        ]
    )


def number(fabric: Fabric, address: str) -> int:
    return next(n for n in range(len(fabric.hosts.site)) if fabric.address(n) == address)


def test_connections_that_may_carry_data(woven: Callable[..., Fabric]) -> None:
    fabric = fabric_of(woven)
    host = number(fabric, HOST)
    assert moves.rows_of(fabric, {host}, set()) == ([0, 1], 0)
    assert moves.rows_of(fabric, {host}, {2}) == ([0, 1, 2], 0)
    assert moves.rows_of(fabric, set(), set()) == ([], 0)


def test_both_ways_day_by_day(company: Any, woven: Callable[..., Fabric]) -> None:
    company.rows.clear()
    for at in (50.0, 51.0, 80.0):
        company.flow(at, HOST, OUT, 443, out=400_000, back=900_000)
    company.flow(52, HOST, OTHER, 445, out=1_000, back=900_000)
    company.flow(53, HOST, OTHER, 445, state="S0", out=0, back=0)
    fabric = fabric_of(woven)
    host, other = number(fabric, HOST), number(fabric, OTHER)
    found = list(moves.ways(company.open().lake, fabric, [0, 1], {host}))
    assert [(way.row, way.src == host, way.pulled) for way in found] == [
        (0, True, False),
        (1, False, True),
    ]
    out, back = found
    assert [day.flows for day in out.days] == [2, 1]
    assert out.days[0].low == 2 * (400_000 + 40 * 403)
    assert out.days[0].back == 2 * (900_000 + 40 * 903)
    assert out.days[0].as_day.volume == out.days[0].low
    assert (back.src, back.days[0].low) == (other, 900_000 + 40 * 903)
