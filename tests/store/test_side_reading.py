"""Which files beside the flows are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sekisho.store.lake import Lake
from sekisho.store.side_reading import counted, files_of
from sekisho.store.side_tables import LOGONS, NAMES

DAY = 86_400
MONDAY = 19_786


def test_a_tables_files_by_day_and_span(
    lake: Lake, take_names: Callable[..., None], name: Callable[..., dict[str, Any]]
) -> None:
    take_names(lake, "a", [name("x", at=day * DAY + 5) for day in range(4)])

    def days(*asked: Any) -> int:
        good, bad = files_of(lake.layout, lake._connection, NAMES, *asked)
        assert bad == ()
        return len(good)

    assert days(None, None) == 4
    assert days(MONDAY + 1, MONDAY + 2) == 2
    assert days(None, None, [(MONDAY, MONDAY), (MONDAY + 3, MONDAY + 9)]) == 2
    assert files_of(lake.layout, lake._connection, LOGONS, None, None) == ([], ())
    assert counted(lake._connection, NAMES)[0].num_rows == 1
    assert lake.files()["names"].to_pylist() == [4]
    assert counted(lake._connection, LOGONS)[0].num_rows == 0
