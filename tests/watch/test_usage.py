"""How permitted connections are used today, in arrays."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.evidence import KEYS, key_of
from sekisho.store.arrivals import COARSE
from sekisho.watch.usage import Usage

Row = dict[str, Any]


def row(server: int = 5, sensor: str = "edge", volume: int = 100, hour: int = 9, **changes: Any) -> Row:
    return {
        "piece": 0, "day": 0, "sensor": sensor, "src_realm": "", "src_hi": 0, "src_lo": 1, "dst_realm": "",
        "dst_hi": 0, "dst_lo": server, "protocol": 6, "port": 443, "flows": 1, "first": hour * 3_600_000_000,
        "bytes_out": volume, "bytes_in": 0, "guessed": False, "hours": 1 << hour,
    } | changes  # fmt: skip


def table(*rows: Row) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=COARSE)


def ints(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


ROWS = st.builds(
    row,
    server=st.integers(1, 4),
    sensor=st.sampled_from(["edge", "core"]),
    volume=st.integers(0, 10**12),
    hour=st.integers(0, 23),
    src_realm=st.sampled_from(["", "lab"]),
)


@settings(max_examples=60)
@given(st.lists(st.lists(ROWS, max_size=12), max_size=4))
def test_it_counts_as_one_would_by_hand_however_it_comes(rounds: list[list[Row]]) -> None:
    usage = Usage()
    volumes: dict[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    hours: dict[Any, int] = defaultdict(int)
    for rows in rounds:
        usage.add(table(*rows))
        for one in rows:
            volumes[key_of(one)][one["sensor"]] += one["bytes_out"]
            hours[key_of(one)] |= one["hours"]
    places = usage.pending()
    found = dict(zip(map(key_of, usage.keys.to_pylist()), usage.day(places), strict=True))
    assert found == {key: (max(of.values()), hours[key]) for key, of in volumes.items()}


def test_what_has_no_habits_is_forgotten_and_not_held_again() -> None:
    usage = Usage()
    usage.add(table(row(1, volume=7), row(2), row(3, volume=9), row(3, "core", volume=50)))
    asked = usage.pending()
    which = [one["dst_lo"] for one in usage.keys.to_pylist()].index(3)
    usage.settle(asked, ints(which), ints(60), ints(0))
    usage.add(table(row(1), row(2), row(3, "core", volume=5), row(4)))
    assert [one["dst_lo"] for one in usage.keys.to_pylist()] == [3, 4]
    assert usage.day(ints(0)) == [(55, 1 << 9)]
    assert usage.pending().tolist() == [1]


def test_a_day_is_due_once_for_each_hour_and_for_its_volume() -> None:
    usage = Usage()
    usage.add(table(row(hour=9, volume=10)))
    usage.settle(usage.pending(), ints(0), ints(100), ints(0b11 << 20))
    assert usage.due().tolist() == []
    usage.add(table(row(hour=20)))
    assert usage.due().tolist() == [0]
    usage.looked(usage.due())
    usage.add(table(row(hour=20), row(hour=9)))
    assert usage.due().tolist() == [], "the volume was reached with the hour, and looked at"
    usage.add(table(row(hour=21)))
    assert usage.due().tolist() == [0]


def test_where_there_is_no_room_the_largest_are_held_and_the_others_counted() -> None:
    usage = Usage(most=2)
    usage.add(table(row(1, volume=5), row(2, volume=900), row(3, volume=800), row(4, volume=1)))
    assert sorted(one["dst_lo"] for one in usage.keys.to_pylist()) == [2, 3]
    assert usage.missed == 2
    usage.settle(usage.pending(), ints(), ints(), ints())
    usage.add(table(row(1)))
    assert [one["dst_lo"] for one in usage.keys.to_pylist()] == [1]


def test_what_is_known_to_have_no_habits_is_bounded_too() -> None:
    usage = Usage(most=10, known=3)
    for server in range(1, 5):
        usage.add(table(row(server)))
        usage.settle(usage.pending(), ints(), ints(), ints())
    usage.add(table(row(1), row(4)))
    assert [one["dst_lo"] for one in usage.keys.to_pylist()] == [1], "it is asked about again"


def test_hostile_counts_stay_large() -> None:
    usage = Usage()
    usage.add(table(*(row(volume=(1 << 63) - 1, bytes_in=(1 << 63) - 1) for _ in range(20))))
    usage.add(table(row(volume=-5)))
    assert usage.day(ints(0)) == [(1 << 61, 1 << 9)]


def test_it_is_restored_as_it_was() -> None:
    usage = Usage()
    usage.add(table(row(1, volume=7), row(2), row(2, "core", volume=9, src_realm="lab")))
    place = next(n for n, one in enumerate(usage.keys.to_pylist()) if one["dst_lo"] == 1)
    usage.settle(ints(place), ints(place), ints(70), ints(5))
    usage.looked(ints(place))
    other = Usage()
    other.restore(*usage.tables())
    for one in (usage, other):
        one.add(table(row(1, volume=64), row(2, "core", volume=900)))
    order = [("place", "ascending"), ("sensor", "ascending")]
    (held, views), (old, seen) = other.tables(), usage.tables()
    assert (held, views.sort_by(order)) == (old, seen.sort_by(order))
    assert other.due().tolist() == usage.due().tolist() == [place]
    with pytest.raises(ValueError, match="not the usage"):
        Usage(most=1).restore(*usage.tables())
    assert set(KEYS) <= set(usage.tables()[0].column_names)


def test_nothing_is_restored_as_nothing() -> None:
    usage, other = Usage(), Usage()
    other.restore(*usage.tables())
    other.add(table(row()))
    assert len(other) == 1
