"""A window judged: nothing is decided on a register that leaves something open or says it twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from sekisho.errors import SekishoError
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake

Row = dict[str, Any]
Rows = Callable[..., Row]
DAY = 86_400


@pytest.fixture
def filled(lake: Lake, take: Callable[..., bool], flow: Rows) -> Lake:
    take(lake, "a", [flow(at=10), flow(at=DAY), flow("10.9.9.9", "10.8.8.8")], "a.log")
    take(lake, "b", [flow(at=10.02, bytes_out=1001)], "b.log")
    return lake


def test_decisions_that_leave_time_open_or_overlap_are_refused(
    filled: Lake, plan: Callable[..., Any], monday: datetime
) -> None:
    noon, later = monday + timedelta(hours=12), monday + timedelta(hours=20)
    for held, message in (
        ([(noon, None, Rank.AUTHORIZED)], "not decided"),
        ([(None, later, Rank.AUTHORIZED), (noon, None, Rank.LAPSED)], "overlap"),
        ([(None, None, Rank.AUTHORIZED), (later, None, Rank.LAPSED)], "overlap"),
    ):
        with filled.stage(None, None) as stage, pytest.raises(SekishoError, match=message):
            stage.judge(plan({(40, 1): held}))


def test_what_each_sensor_saw_of_a_finding(
    filled: Lake, always: Callable[..., Any], asked: Callable[..., pa.Table]
) -> None:
    with filled.stage(None, None) as stage:
        (found,) = stage.judge(always(Rank.UNAUTHORIZED)).violations.to_pylist()
        views = stage.views(asked("10.40.9.9", "10.1.0.5", 445)).to_pylist()
        none = stage.views(asked("10.9.9.9", "10.8.8.8", 445))
        usage = {(row["src_class"], row["dst_class"]): row for row in stage.usage().to_pylist()}
        judged = stage.judged()
    assert (found["flows"], found["bytes_out"], found["days_active"]) == (2, 2001, 2)
    seen = {row["sensor"]: (row["flows"], row["first"].microsecond) for row in views}
    assert seen == {"a": (2, 0), "b": (1, 20_000)}, "by its own clock"
    assert none.num_rows == 0, "what is no finding has no views"
    assert set(usage) == {(40, 1), (0, 0)}
    assert usage[40, 1]["first"] == found["first_seen"]
    assert sorted(judged["flows"].to_pylist()) == [1, 2]


def test_an_address_that_changes_hands_is_judged_by_what_it_was(
    filled: Lake, plan: Callable[..., Any], monday: datetime
) -> None:
    sold = monday + timedelta(hours=20)
    register = plan(
        {(40, 1): [(None, None, Rank.AUTHORIZED)], (0, 1): [(None, None, Rank.UNMAPPED)]},
        [{"10.40.0.0/16": 40, "10.1.0.0/16": 1}, {"10.1.0.0/16": 1}],
        [sold],
    )
    with filled.stage(None, None) as stage:
        (found,) = stage.judge(register).violations.to_pylist()
    assert (found["rank"], found["flows"]) == (Rank.UNMAPPED, 1)
    assert found["first_seen"] == monday + timedelta(days=1)
