"""How connections were used is asked of one room, which brings roll-ups up to date where it has to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from sekisho.store.lake import Lake

Row = dict[str, Any]
SRC, DST = "10.40.9.9", "10.1.0.5"
DAY = 86_400
BOUNDS = {"least": 3, "most": 9, "floor": 1, "highest": 9, "times": 1, "habit": 24, "before": 1 << 20}


def test_roll_ups_are_fresh_or_taken_as_they_are(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    asked: Callable[..., pa.Table],
) -> None:
    assert take(lake, "edge", [flow(at=n * DAY, sport=n + 1) for n in range(3)])
    one = asked(SRC, DST, 445)
    assert lake.uses.habits(one, fresh=False).num_rows == 0, "nothing is rolled up yet"
    assert lake.uses.usual(one, **BOUNDS).num_rows == 0
    assert lake.uses.daily(one).num_rows == 3
    assert lake.uses.habits(one, fresh=False).num_rows == 3


def test_an_open_window_is_all_that_there_is(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    asked: Callable[..., pa.Table],
    monday: datetime,
) -> None:
    assert take(lake, "edge", [flow(at=n * DAY, sport=n + 1) for n in range(3)])
    one = asked(SRC, DST, 445)
    second = monday + timedelta(days=1)
    for question in (lake.uses.contacts, lake.uses.sessions):
        assert question(one).rows.num_rows == 3
        assert question(one, begin=second).rows.num_rows == 2
        assert question(one, end=second).rows.num_rows == 1
