"""How connections were used day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.store.lake import Lake

Row = dict[str, Any]
SRC, DST = "10.40.9.9", "10.1.0.5"
DAY, HOUR = 86_400, 3_600


def test_days_with_volume_flows_and_hours_by_what_was_asked(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    asked: Callable[..., pa.Table],
    monday: datetime,
) -> None:
    rows = [flow(at=n * DAY + h * HOUR, sport=n * 9 + h + 1) for n in range(6) for h in (1, 2)]
    rows += [flow(at=4 * DAY + 5 * HOUR, bytes_out=90_000)]
    rows += [flow(at=n * DAY, port=22) for n in range(6)]
    for sensor in ("edge", "core"):
        take(lake, sensor, rows)
    two = pa.concat_tables([asked(SRC, DST, 22), asked(SRC, DST, 445)])
    every = lake.uses.habits(two).to_pylist()
    assert [row["number"] for row in every] == [0] * 6 + [1] * 6
    first = every[6]
    assert (first["volume"], first["flows"], first["hours"]) == (6_000, 2, 0b110), "two sensors, once"
    some = lake.uses.habits(two, least=3, most=60, floor=50_000).to_pylist()
    assert [row["number"] for row in some] == [1] * 6
    assert [row["suspect"] for row in some] == [False] * 4 + [True, False]
    assert lake.uses.habits(two, least=5, most=60, floor=50_000).num_rows == 0, "too few days before"
    since = monday + timedelta(days=5)
    assert lake.uses.habits(two, least=3, most=60, floor=50_000, since=since).num_rows == 0
    assert lake.uses.habits(two, before=monday + timedelta(days=2)).num_rows == 4
    assert lake.uses.habits(two.slice(0, 0)).num_rows == 0


def test_what_is_older_than_the_window_does_not_count(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row], asked: Callable[..., pa.Table]
) -> None:
    sizes = [90_000, *[1_000] * 5, 60_000]
    take(lake, "edge", [flow(at=n * DAY, bytes_out=size) for n, size in enumerate(sizes)])
    which = asked(SRC, DST, 445)
    assert lake.uses.habits(which, least=3, most=60, floor=50_000).num_rows == 0
    assert lake.uses.habits(which, least=3, most=5, floor=50_000).num_rows == 7


def test_what_would_be_unlike_the_days_so_far(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row], asked: Callable[..., pa.Table]
) -> None:
    sizes = [90_000, *[1_000] * 5, 4_000]
    take(lake, "edge", [flow(at=n * DAY + 9 * HOUR, bytes_out=size) for n, size in enumerate(sizes)])
    take(lake, "edge", [flow(at=n * DAY, port=22) for n in range(3)], "few")
    two = pa.concat_tables([asked(SRC, DST, 22), asked(SRC, DST, 445)])
    monday = 19_786
    bounds = {"least": 5, "most": 6, "floor": 100, "highest": 2, "times": 10, "habit": 16}
    assert lake.uses.usual(two, **bounds, before=monday + 7).num_rows == 0, (
        "nothing is rolled up for it"
    )
    lake.refresh({})
    (row,) = lake.uses.usual(two, **bounds, before=monday + 7).to_pylist()
    assert (row["number"], row["volume"]) == (1, 30_000), "ten times the median of the last six"
    assert row["hours"] == ~(0b111 << 8) & 0xFFFFFF
    (row,) = lake.uses.usual(two, **bounds | {"most": 60}, before=monday + 7).to_pylist()
    assert row["volume"] == 2 * 92_000, "twice the highest"
    (row,) = lake.uses.usual(
        two, **bounds | {"floor": 10**9, "habit": 0}, before=monday + 7
    ).to_pylist()
    assert (row["volume"], row["hours"]) == (10**9, 0)
    assert lake.uses.usual(two, **bounds, before=monday + 4).num_rows == 0, "too few days before"
