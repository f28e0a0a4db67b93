"""Flows of one connection and day in one row, held against sums made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation, State
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.lake import Lake
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.rollup import piece_begin

Row = dict[str, Any]
MONDAY = 19_786


@pytest.mark.parametrize("cuts", [[], [MONDAY * DAY + 5], [MONDAY * DAY + 9, MONDAY * DAY + 5]])
def test_a_time_lies_in_the_piece_that_began_last(engine: DuckDB, cuts: list[int]) -> None:
    for at in (0, 4, 5, 8, 9, DAY - 1):
        sql = piece_begin(str(MONDAY * DAY + at), MONDAY, cuts)
        found = engine.fetch(f"SELECT {sql} AS n")["n"][0].as_py()
        assert found == max(one for one in [MONDAY * DAY, *cuts] if one <= MONDAY * DAY + at)


def test_a_row_holds_what_its_flows_come_to(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    connection_days: Callable[[Lake], list[Row]],
) -> None:
    oneway = flow(at=7_200, state=State.NO_REPLY, bytes_in=0, service="ssl", payload_out=70)
    reset = flow(at=9_000, state=State.REJECTED, bytes_out=10**6, flags=int(Flag.RESET))
    endless = flow(at=3_600, lasts=10**8, flags=int(Flag.IMPOSSIBLE_TIME), service="http")
    first = flow(at=60, state=State.NO_REPLY, bytes_out_spread=9, orientation=Orientation.GUESS)
    take(lake, "edge", [oneway, reset, endless, first])
    (row,) = connection_days(lake)
    assert (row["flows"], row["established"], row["oneway_flows"]) == (4, 1, 2)
    assert (row["first"], row["first_established"]) == (first["start"], endless["start"])
    assert row["last"] == reset["end"], "an impossible end is no end"
    assert (row["oneway_out"], row["oneway_in"]) == (2000, 2000)
    assert row["first_oneway"] == first["start"]
    assert (row["bytes_out"], row["bytes_out_spread"], row["bytes_in"]) == (1_003_000, 9, 6000)
    assert (row["payload_out"], row["payload_in"]) == (70, None)
    assert row["hours"] == 0b111
    assert row["flags"] == int(Flag.RESET | Flag.IMPOSSIBLE_TIME)
    assert (row["orientation"], row["services"]) == (Orientation.GUESS, "http,ssl")


def test_sums_that_do_not_fit_are_the_largest_number(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    connection_days: Callable[[Lake], list[Row]],
) -> None:
    take(lake, "edge", [flow(at=n, bytes_out=2**62, packets_in=2**62) for n in range(5)])
    (row,) = connection_days(lake)
    assert (row["bytes_out"], row["packets_in"], row["bytes_in"]) == (2**63 - 1, 2**63 - 1, 10_000)


def test_connections_are_apart_by_every_part_of_their_key(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    connection_days: Callable[[Lake], list[Row]],
) -> None:
    others: list[Row] = [
        {"src": "10.40.9.8"},
        {"dst": "10.1.0.6"},
        {"port": 446},
        {"protocol": 17},
        {"src_realm": "acquired"},
        {"dst_realm": "acquired"},
        {"at": 36_000 + 86_400},
    ]
    take(lake, "edge", [flow(), flow(sport=1), *(flow(**one) for one in others)])
    assert sorted(row["flows"] for row in connection_days(lake)) == [1] * len(others) + [2]
