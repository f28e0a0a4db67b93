"""Sessions of chosen connections as every sensor saw them, and their days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.model.flows import Flag, Orientation, State
from sekisho.store.lake import Lake

Row = dict[str, Any]
SRC, DST = "10.40.9.9", "10.1.0.5"
Flow, Take, Asked = Callable[..., Row], Callable[..., bool], Callable[..., pa.Table]


def test_both_sensors_speak_and_what_failed_is_said(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=60, lasts=5), flow(at=600, state=State.NO_REPLY, bytes_in=0)])
    take(lake, "core", [flow(at=61, lasts=5), flow(at=60, port=446)])
    rows = lake.uses.sessions(asked(SRC, DST, 445)).rows.to_pylist()
    origin = int(monday.timestamp() * 1_000_000)
    assert [
        (r["sensor"], (r["start"] - origin) // 1_000_000, r["lasted"], r["established"]) for r in rows
    ] == [
        ("edge", 60, 5_000_000, True),
        ("core", 61, 5_000_000, True),
        ("edge", 600, rows[2]["lasted"], False),
    ]
    assert (rows[0]["sent"], rows[0]["received"]) == (1_000, flow()["bytes_in"])


def test_the_window_and_the_number_of_the_key(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=n * 3_600, port=445 + n % 2) for n in range(30)])
    two = pa.concat_tables([asked(SRC, DST, 446), asked(SRC, DST, 445)])
    rows = lake.uses.sessions(two, begin=monday + timedelta(days=1)).rows.to_pylist()
    assert [row["number"] for row in rows] == [0, 0, 0, 1, 1, 1]
    assert lake.uses.sessions(two.slice(0, 0)).rows.num_rows == 0


def test_halves_of_one_way_records_are_one_session(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    half = {"flags": int(Flag.ONE_WAY), "bytes_in": 0, "packets_in": 0, "lasts": 60}
    rows = [flow(at=n * 60, **half) for n in range(10)]
    rows += [
        flow(DST, SRC, 50_000, n * 60 + 0.01, sport=445, orientation=Orientation.GUESS, **half)
        for n in range(10)
    ]
    take(lake, "edge", rows)
    (session,) = lake.uses.sessions(asked(SRC, DST, 445)).rows.to_pylist()
    assert (session["sent"], session["received"], session["established"]) == (10_000, 10_000, True)
    assert session["lasted"] >= 600_000_000


def test_days_count_each_flow_once(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=60), flow(at=25 * 3_600), flow(at=26 * 3_600)])
    take(lake, "core", [flow(at=60)])
    rows = lake.uses.daily(asked(SRC, DST, 445)).to_pylist()
    assert [(row["flows"], row["sent"], row["hours"]) for row in rows] == [
        (1, 1_000, 0b1),
        (2, 2_000, 0b110),
    ]
    assert rows[1]["day"] == rows[0]["day"] + 1
    assert lake.uses.daily(asked(SRC, DST, 9)).num_rows == 0


def test_days_of_connections_that_moved_much_alone(
    lake: Lake, take: Take, flow: Flow, asked: Asked, monday: datetime
) -> None:
    take(lake, "edge", [flow(at=60), flow(at=25 * 3_600), flow(at=60, port=446)])
    both = pa.concat_tables([asked(SRC, DST, 446), asked(SRC, DST, 445)])
    out, back = 1_000, flow()["bytes_in"]
    rows = lake.uses.daily(both, floor=max(2 * out, 2 * back)).to_pylist()
    assert [(row["number"], row["sent"], row["received"]) for row in rows] == [(1, out, back)] * 2
    assert {(row["sent_spread"], row["received_spread"]) for row in rows} == {(0, 0)}
    assert rows[0]["last"] > rows[0]["first"]
