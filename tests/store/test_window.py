"""A window holds what began in it, to the microsecond, whatever its rows are read from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sekisho.model.flows import Flag
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake

Row = dict[str, Any]
Rows = Callable[..., Row]
DAY = 86_400
TIMES = [0, 1, 43_199.999999, 43_200, 86_399.999999, DAY, DAY + 5, 27 * DAY, 28 * DAY, 60 * DAY + 1]
"""From Monday 4 March 2024: days of three months."""


def flows(lake: Lake, register: Any, begin: datetime | None, end: datetime | None) -> int:
    """How many flows the window holds."""
    with lake.stage(begin, end) as stage:
        totals = stage.judge(register).totals
        assert stage.damage == ()
    return sum(totals["flows"].to_pylist())


@pytest.mark.parametrize("sensors", ["a", "ab"])
def test_begin_is_in_and_end_is_out(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    always: Callable[..., Any],
    monday: datetime,
    sensors: str,
) -> None:
    for sensor in sensors:
        rows = [flow(at=at, sport=n + 1, lasts=0.000001) for n, at in enumerate(TIMES)]
        take(lake, sensor, rows, f"{sensor}.log")
    register = always(Rank.UNAUTHORIZED)
    edges = [0, 0.000001, 43_200, 86_399.999999, DAY, DAY + 6, 27 * DAY, 61 * DAY]
    for begin in edges:
        for end in edges:
            at = [monday + timedelta(seconds=edge) for edge in (begin, end)]
            wanted = sum(begin <= one < end for one in TIMES)
            assert flows(lake, register, *at) == wanted, (begin, end)
    assert flows(lake, register, None, None) == len(TIMES)
    assert flows(lake, register, monday + timedelta(seconds=DAY), None) == 5


@pytest.mark.parametrize("sensors", ["a", "ab"])
@pytest.mark.parametrize("ports", [(50_000, 445), (500, 500)])
def test_adjoining_windows_come_to_the_whole_of_one_way_records_too(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    always: Callable[..., Any],
    monday: datetime,
    sensors: str,
    ports: tuple[int, int],
) -> None:
    """Halves that begin and end together are one conversation, in whatever order a window meets them."""
    here, there = ports
    half = {"flags": int(Flag.ONE_WAY), "bytes_in": 0, "packets_in": 0, "protocol": 17}
    times = [10, 4_000, 43_199, 43_200, 50_000, DAY - 1, DAY, DAY + 4_000]
    for sensor in sensors:
        rows = []
        for number, at in enumerate(times):
            out = flow(at=at, port=there, sport=here, lasts=number % 3, **half)
            back = flow("10.1.0.5", "10.40.9.9", here, at, sport=there, lasts=number % 3, **half)
            rows += [out, back] if number % 2 else [back, out]
        take(lake, sensor, rows, f"{sensor}.log")
    register = always(Rank.UNAUTHORIZED)
    whole = flows(lake, register, None, None)
    assert whole == 6, "those before and after noon, and about midnight, are one each"
    for cut in (4_000, 43_200, 49_000, DAY):
        at = monday + timedelta(seconds=cut)
        parts = [flows(lake, register, None, at), flows(lake, register, at, None)]
        assert sum(parts) == whole, cut


def test_a_lake_without_evidence_has_an_empty_window(lake: Lake, always: Callable[..., Any]) -> None:
    with lake.stage(None, None) as stage:
        found = stage.judge(always(Rank.UNAUTHORIZED))
    assert (found.totals.num_rows, found.links.num_rows, found.violations.num_rows) == (0, 0, 0)
    assert "first_established" in found.violations.column_names


@pytest.mark.parametrize("cut", [False, True])
def test_what_is_not_whole_is_named(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    always: Callable[..., Any],
    monday: datetime,
    cut: bool,
) -> None:
    """A whole day is read from its roll-up, one that the window cuts from its raw flows."""
    take(lake, "edge", [flow(at=1), flow(at=50_000), flow(at=DAY)])
    lake.refresh()
    kind = "flows" if cut else "rollups"
    (broken,) = lake.layout.root.glob(f"{kind}/day=2024-03-04/*.parquet")
    broken.write_bytes(b"")
    begin = monday + timedelta(seconds=40_000 if cut else 0)
    with lake.stage(begin, None) as stage:
        found = stage.judge(always(Rank.UNAUTHORIZED))
        damage = stage.damage
    assert [one.path for one in damage] == [str(broken.relative_to(lake.layout.root))]
    assert found.violations["flows"].to_pylist() == [1]
