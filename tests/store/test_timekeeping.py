"""Clocks that are measured on one day only, whichever day is read first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sekisho.store.base import ClockOffset, ClockPair
from sekisho.store.lake import Lake
from sekisho.store.manifest import transaction
from sekisho.store.timekeeping import keep, measured, soil_outdated

Row = dict[str, Any]
DAY = 86_400
AHEAD = 17.5


@pytest.fixture
def logs(flow: Callable[..., Row]) -> dict[str, tuple[str, list[Row]]]:
    """Two sensors, one 17.5 s ahead: on the third day they share enough to tell, on the first one flow of
    which the other saw a part."""
    lone = {"sport": 50_000, "bytes_out": 9_000}
    part = lone | {"bytes_out": 100}
    shared = [{"at": 2 * DAY + n * 900, "sport": 51_000 + n} for n in range(8)]
    return {
        "a1": ("a", [flow(at=3_600, **lone)]),
        "b1": ("b", [flow(at=3_600 + AHEAD, **part)]),
        "a2": ("a", [flow(**one) for one in shared]),
        "b2": ("b", [flow(**one | {"at": one["at"] + AHEAD}) for one in shared]),
    }


@pytest.mark.parametrize("order", ["a1 b1 a2 b2", "b2 a2 b1 a1", "a2 b2 | a1 b1", "b1 | a1 | b2 | a2"])
def test_a_day_is_built_with_what_a_later_one_tells(
    order: str,
    lake: Lake,
    take: Callable[..., bool],
    logs: dict[str, tuple[str, list[Row]]],
    connection_days: Callable[[Lake], list[Row]],
) -> None:
    for batch in order.split("|"):
        for name in batch.split():
            sensor, rows = logs[name]
            take(lake, sensor, rows, f"{name}.log")
        lake.refresh()
    merged = {row["day"].day: row["flows"] for row in connection_days(lake) if row["sensor"] == ""}
    assert merged == {4: 1, 6: 8}
    offsets = lake.offsets()
    assert offsets["b"] - offsets["a"] == pytest.approx(AHEAD)


def test_what_is_kept_is_read_again_and_outdates_other_days(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row]
) -> None:
    for sensor in ("a", "b"):
        take(lake, sensor, [flow(at=day * DAY) for day in (0, 1, 40)], f"{sensor}.log")
    lake.refresh()
    connection = lake._connection
    days = [day for (day,) in connection.execute("SELECT day FROM day ORDER BY day")]
    assert not soil_outdated(connection), "every day was built with what is known"
    with transaction(connection):
        for day in days:
            keep(connection, day, [ClockOffset("a", 0, 0, 0), ClockOffset("b", 0, 0, 0)], [])
        keep(
            connection,
            days[1],
            [ClockOffset("a", 0, 0, 5), ClockOffset("b", 9, 2, 5)],
            [ClockPair("a", "b", 9, 2, 5)],
        )
    assert measured(connection, days[0], days[-1]) == {days[1]: [ClockPair("a", "b", 9, 2, 5)]}
    assert soil_outdated(connection)
    dirty = connection.execute("SELECT day FROM day WHERE built < dirt").fetchall()
    assert dirty == [(days[0],)], "neither the day that measured nor one a month away"
