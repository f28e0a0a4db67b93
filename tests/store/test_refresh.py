"""Roll-ups brought up to date: what changed and no more, killed at any step, damage made good."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import pytest

from sekisho.model.addresses import bounds, halves
from sekisho.store.base import AddressRange, SensorTraits
from sekisho.store.lake import Lake

Row = dict[str, Any]
Rows = Callable[..., Row]
Days = Callable[[Lake], list[Row]]
DAY = 86_400
BUILDING = ("built", "moved", "rebuilding")


def home(prefix: str) -> SensorTraits:
    first, last = bounds(ip_network(prefix))
    return SensorTraits("site", (AddressRange("", *halves(first), *halves(last)),))


def daily(lake: Lake) -> dict[str, str]:
    """The roll-up of each day."""
    return {p.split("/")[1]: p for p in lake.counted() if p.startswith("rollups/")}


def test_only_days_that_changed_are_built_again(
    lake: Lake, take: Callable[..., bool], flow: Rows
) -> None:
    take(lake, "edge", [flow(at=day * DAY) for day in range(3)], "one.log")
    told: list[tuple[int, int | None]] = []
    lake.refresh(progress=lambda _what, done, of: told.append((done, of)))
    assert told[-1] == (3, 3)
    before = daily(lake)
    lake.refresh()
    assert daily(lake) == before
    take(lake, "edge", [flow(at=DAY + 5)], "two.log")
    lake.refresh()
    assert [day for day, path in daily(lake).items() if before[day] != path] == ["day=2024-03-05"]
    assert all(lake.layout.absolute(path).exists() for path in before.values()), "readers may be at it"


@pytest.mark.parametrize("stop", BUILDING)
def test_killed_while_building_it_is_built_the_next_time(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days, stop: str
) -> None:
    take(lake, "edge", [flow(at=1), flow(at=DAY)])

    def step(name: str) -> None:
        if name == stop:
            raise KeyboardInterrupt

    with (
        Lake.open(lake.layout.root, threads=1, memory_limit="300MB", steps=step) as killed,
        pytest.raises(KeyboardInterrupt),
    ):
        killed.refresh()
    assert sum(row["flows"] for row in connection_days(lake)) == 2
    assert sorted(row["day"].day for row in connection_days(lake)) == [4, 5]
    files = {str(p.relative_to(lake.layout.root)) for p in lake.layout.rollups.rglob("*.parquet")}
    assert files == set(daily(lake).values()), "what the killed run made is swept away"


def test_a_roll_up_that_is_not_whole_is_made_anew(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    take(lake, "edge", [flow(at=1), flow(at=DAY)])
    lake.refresh()
    lake.layout.absolute(daily(lake)["day=2024-03-04"]).write_bytes(b"PAR1")
    assert len(lake.verify()) == 1
    assert sum(row["flows"] for row in connection_days(lake)) == 2
    assert (lake.verify(), lake.damage()) == ([], [])


def test_raw_flows_that_are_lost_stay_named(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    take(lake, "edge", [flow(at=1), flow(at=DAY)])
    next(lake.layout.flows.glob("day=2024-03-04/*")).unlink()
    assert [row["day"].day for row in connection_days(lake)] == [5]
    (lost,) = lake.damage()
    assert (lost.rows, lost.reason) == (1, "missing")


def test_a_home_that_moves_changes_whose_clock_dates_a_flow(
    lake: Lake, take: Callable[..., bool], flow: Rows, connection_days: Days
) -> None:
    take(lake, "a", [flow(at=10)], "a.log")
    take(lake, "b", [flow(at=10.02)], "b.log")

    def first() -> float:
        (row,) = (row for row in connection_days(lake) if row["role"] == 2)
        return round(row["first"].second + row["first"].microsecond / 1e6, 6)

    assert first() == 10, "nobody is known to be at home: the earliest"
    lake.refresh({"a": home("10.1.0.0/16"), "b": home("10.40.0.0/16")})
    assert first() == 10.02
    lake.refresh({"a": home("10.40.0.0/16"), "b": home("10.1.0.0/16")})
    assert first() == 10
    before = daily(lake)
    lake.refresh({"a": home("10.40.0.0/16"), "b": home("10.1.0.0/16")})
    lake.refresh()
    assert daily(lake) == before


@pytest.mark.parametrize(("ahead", "wanted"), [(6, [1, 1]), (0, [1, 2])])
def test_clocks_of_a_day_without_evidence_are_those_of_the_nearest_day(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    connection_days: Days,
    ahead: int,
    wanted: list[int],
) -> None:
    """Six seconds are too far for one flow, unless the clocks are known to be so far apart."""
    for sensor, late in (("a", 0), ("b", ahead)):
        shared = [flow(at=n * 700 + late, sport=n + 1, bytes_out=999 + n) for n in range(40)]
        take(lake, sensor, shared, f"{sensor}1.log")
    lake.refresh()
    quiet = {"lasts": 30, "bytes_in": 9}
    take(lake, "a", [flow(at=5 * DAY), flow(at=5 * DAY + 60, dst="10.1.0.9")], "a2.log")
    take(lake, "b", [flow(at=5 * DAY + 6, **quiet)], "b2.log")
    rows = [row for row in connection_days(lake) if row["day"].day == 9 and row["role"] in (0, 2)]
    assert sorted(row["flows"] for row in rows) == wanted
