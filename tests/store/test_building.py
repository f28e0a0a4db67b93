"""A day's connection-days from its raw flows: views merged, turned and cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from sqlite3 import Connection
from typing import Any

import pytest

from sekisho.model.flows import Flag, Orientation
from sekisho.store import building, snapshot
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.lake import Lake
from sekisho.store.manifest import connect
from sekisho.store.queries.columns import DAY

Row = dict[str, Any]
Rows = Callable[..., Row]
Days = Callable[[Lake], list[Row]]
MONDAY = 19_786
COUNTED = (0, 2)


@pytest.fixture
def manifest(lake: Lake) -> Iterator[Connection]:
    with closing(connect(lake.layout.manifest, migrate=False)) as connection:
        yield connection


def merged(rows: list[Row]) -> Row:
    """The one row that counts."""
    (row,) = (row for row in rows if row["role"] in COUNTED)
    return row


def test_the_most_certain_view_says_who_began(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    sure = flow(at=10, bytes_out=1000, bytes_in=2000)
    guess = {"sport": 445, "bytes_out": 2000, "bytes_in": 900, "orientation": Orientation.GUESS}
    take(lake, "a", [sure], "a.log")
    take(lake, "b", [flow("10.1.0.5", "10.40.9.9", 50_000, 10.01, **guess)], "b.log")
    rows = connection_days(lake)
    row = merged(rows)
    assert (row["port"], row["flows"], row["bytes_out"], row["bytes_in"]) == (445, 1, 1000, 2000)
    views = {row["sensor"]: (row["port"], row["bytes_out"]) for row in rows if row["role"] == 1}
    assert views == {"a": (445, 1000), "b": (445, 900)}


def test_what_one_sensor_counts_low_another_may_narrow(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    take(lake, "a", [flow(at=10, bytes_out=1000, bytes_out_spread=500)], "a.log")
    take(lake, "b", [flow(at=10.01, bytes_out=1100, bytes_out_spread=100)], "b.log")
    row = merged(connection_days(lake))
    assert (row["bytes_out"], row["bytes_out"] + row["bytes_out_spread"]) == (1100, 1200)


def test_a_flow_before_1970_is_kept_with_two_sensors_as_with_one(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    at = -MONDAY * 86_400 - 36_000
    take(lake, "a", [flow(at=at)], "a.log")
    take(lake, "b", [flow(at=at + 0.01)], "b.log")
    row = merged(connection_days(lake))
    assert (row["day"].isoformat(), row["flows"]) == ("1969-12-31", 1)


def test_an_impossible_end_takes_no_later_flow_in(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    endless = flow(at=10, lasts=10**9, flags=int(Flag.IMPOSSIBLE_TIME))
    take(lake, "a", [endless, flow("10.40.1.1", "10.1.1.1")], "a.log")
    take(lake, "b", [flow(at=9000), flow(at=18_000)], "b.log")
    assert sum(row["flows"] for row in connection_days(lake) if row["role"] in COUNTED) == 4


def test_a_flow_across_midnight_counts_on_the_day_it_began(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    take(lake, "a", [flow(at=86_399.99)], "a.log")
    take(lake, "b", [flow(at=86_400.01)], "b.log")
    rows = connection_days(lake)
    assert merged(rows)["day"].day == 4
    assert {row["day"].day for row in rows} == {4}, "a view lies with its flow"


def test_a_cut_day_comes_to_the_same_in_pieces(
    lake: Lake, take: Callable[..., bool], flow: Rows, manifest: Connection, engine: DuckDB
) -> None:
    for sensor in "ab":
        rows = [flow(at=hour * 3600 + (sensor == "b") / 100, sport=hour + 1) for hour in range(24)]
        take(lake, sensor, rows, f"{sensor}.log")
    source = building.DaySources(MONDAY, snapshot.segments(manifest, MONDAY, MONDAY), [], [])
    noon, outside = MONDAY * DAY + DAY // 2, (MONDAY + 3) * DAY
    found = {}
    for cuts in ([], [noon, outside]):
        built = building.build(engine, lake.layout, source, cuts)
        assert {clock.sensor: clock.pairs for clock in built.clocks} == {"a": 24, "b": 24}
        found[len(cuts)] = engine.fetch(
            f"SELECT piece_begin, flows FROM {building.RESULT} WHERE role = 2 ORDER BY piece_begin"
        ).to_pylist()
    assert found[0] == [{"piece_begin": MONDAY * DAY, "flows": 24}]
    assert found[2] == [
        {"piece_begin": MONDAY * DAY, "flows": 12},
        {"piece_begin": noon, "flows": 12},
    ]
