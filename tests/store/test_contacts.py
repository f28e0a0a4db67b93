"""The conversations of chosen connections, each as one sensor saw it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.model.flows import Flag, Orientation
from sekisho.store.lake import Lake

Row = dict[str, Any]
SRC, DST = "10.40.9.9", "10.1.0.5"
Flow, Take, Asked = Callable[..., Row], Callable[..., bool], Callable[..., pa.Table]


def told(lake: Lake, asked: pa.Table, monday: datetime, **window: datetime) -> list[tuple[Any, ...]]:
    """(number, seconds after Monday, seconds it lasted, bytes) in order."""
    rows = lake.uses.contacts(asked, **window).rows.to_pylist()
    origin = int(monday.timestamp() * 1_000_000)
    return sorted(
        (row["number"], (row["start"] - origin) / 1e6, row["lasted"] / 1e6, row["sent"]) for row in rows
    )


def test_each_connection_by_its_place_and_within_the_window(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=n * 3_600, port=445 + n % 2) for n in range(30)])
    two = pa.concat_tables([asked(SRC, DST, 446), asked(SRC, DST, 445)])
    found = told(lake, two, monday)
    assert [row[:2] for row in found[:2]] == [(0, 3_600), (0, 10_800)]
    assert len(found) == 30
    day = told(lake, two, monday, begin=monday + timedelta(days=1))
    assert [row[1] for row in day] == [
        25 * 3_600,
        27 * 3_600,
        29 * 3_600,
        *(h * 3_600 for h in (24, 26, 28)),
    ]
    assert told(lake, asked(SRC, DST, 447), monday) == []
    assert told(lake, two.slice(0, 0), monday) == []


def test_the_busiest_sensor_alone_speaks(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=n * 60 + 0.7) for n in range(5)])
    take(lake, "core", [flow(at=n * 60, lasts=9) for n in range(6)])
    assert told(lake, asked(SRC, DST, 445), monday) == [(0, n * 60, 9, 1_000) for n in range(6)]


def test_fragments_of_an_active_timeout_are_one_contact(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    half = {"flags": int(Flag.ONE_WAY), "bytes_in": 0, "packets_in": 0, "lasts": 60}
    rows = [flow(at=n * 60, **half) for n in range(60)]
    rows += [
        flow(DST, SRC, 50_000, n * 60 + 0.01, sport=445, orientation=Orientation.GUESS, **half)
        for n in range(60)
    ]
    take(lake, "edge", rows)
    ((number, at, lasted, sent),) = told(lake, asked(SRC, DST, 445), monday)
    assert (number, at, sent) == (0, 0, 60_000), "one session of an hour is no beat of a minute"
    assert 3_600 <= lasted < 3_601


def test_a_flow_logged_while_open_and_impossible_times(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    open_ = [flow(at=5, uid="C1", lasts=s, bytes_out=s, flags=int(Flag.OPEN)) for s in (10, 20)]
    never = flow(at=99, uid="C2", sport=9, lasts=86_400, flags=int(Flag.IMPOSSIBLE_TIME))
    take(lake, "edge", [*open_, flow(at=5, uid="C1", lasts=30, bytes_out=30), never])
    assert told(lake, asked(SRC, DST, 445), monday) == [(0, 5, 30, 30), (0, 99, 0, 1_000)]


def test_days_without_raw_flows_are_named(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=n * 86_400) for n in range(3)])
    lake.refresh({})
    lake.prune(monday + timedelta(days=1))
    found = lake.uses.contacts(asked(SRC, DST, 445))
    assert (found.rows.num_rows, len(found.pruned)) == (2, 1)


def test_when_two_hosts_met_whatever_the_service_and_direction(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=90_000), flow(DST, SRC, 22, 400), flow(SRC, "10.1.0.6", at=7)])
    keys = pa.concat_tables(
        [asked(SRC, DST, 445), asked(SRC, "10.1.0.6", 1), asked("10.9.9.9", DST, 1)]
    )
    met = lake.pairs_first(keys).to_pylist()
    origin = int(monday.timestamp() * 1_000_000)
    assert met[:2] == [origin + 400_000_000, origin + 7_000_000]
    assert met[2] == (1 << 63) - 1
