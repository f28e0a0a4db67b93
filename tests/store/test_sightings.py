from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from sekisho.model.addresses import text_of
from sekisho.store.lake import Lake
from sekisho.store.sightings import BETWEEN, NOBODY, UNKNOWN, monday

MONDAY = datetime(2020, 6, 1, tzinfo=UTC)
T0 = int(MONDAY.timestamp())
DAY = 86_400
MONDAY_NUMBER = T0 // DAY


def places(ends: pa.Table) -> pa.Table:
    """10.N.0.0/16 is place N, other 10/8, 192.168/16 and fd00::/8 are unknown, all else is nobody's."""

    def of(text: str) -> int:
        if text.startswith(("10.1.", "10.2.", "10.3.")):
            return int(text.split(".")[1]) - 1
        return UNKNOWN if text.startswith(("10.", "192.168.", "fd")) else NOBODY

    codes = [
        of(text_of(hi, lo))
        for hi, lo in zip(ends["hi"].to_pylist(), ends["lo"].to_pylist(), strict=True)
    ]
    return ends.append_column("place", pa.array(np.array(codes, dtype=np.int32)))


@pytest.fixture
def line(zeek_conn: Callable[..., str]) -> Callable[..., str]:
    return lambda day, uid, src, dst, port=22: zeek_conn(
        T0 + day * DAY + 60.5, uid, src, 40_000, dst, port
    )


def test_flows_of_two_places_by_week_and_sensor_either_way(
    lake_of: Callable[..., Lake], line: Callable[..., str]
) -> None:
    one = line(0, "C1", "10.1.0.1", "10.2.0.1") + line(6, "C2", "10.2.0.9", "10.1.0.1")
    lake = lake_of(
        {"a": one + line(7, "C3", "10.1.0.1", "10.2.0.1"), "b": line(0, "D1", "10.1.0.1", "10.2.0.1")}
    )
    found = lake.sightings(None, None, [], places).between
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (MONDAY_NUMBER, "a", 0, 1, 2),
        (MONDAY_NUMBER, "b", 0, 1, 1),
        (MONDAY_NUMBER + 7, "a", 0, 1, 1),
    ]


def test_a_window_takes_whole_days(lake_of: Callable[..., Lake], line: Callable[..., str]) -> None:
    lake = lake_of({"a": "".join(line(day, f"C{day}", "10.1.0.1", "10.2.0.1") for day in range(4))})
    begin = MONDAY + timedelta(days=1, hours=3)
    found = lake.sightings(begin, begin + timedelta(days=1), [], places)
    assert found.between["flows"].to_pylist() == [2]
    nothing = lake.sightings(MONDAY + timedelta(days=40), None, [], places)
    assert nothing.between == BETWEEN.empty_table()


def test_a_place_is_that_of_its_day(lake_of: Callable[..., Lake], line: Callable[..., str]) -> None:
    lake = lake_of({"a": line(0, "C1", "10.1.0.1", "10.2.0.1") + line(2, "C2", "10.1.0.1", "10.2.0.1")})

    def moved(ends: pa.Table) -> pa.Table:
        own = places(ends)
        later = np.array(own["epoch"].to_pylist()) == 1
        codes = np.where(later & (own["place"].to_numpy() == 1), 2, own["place"].to_numpy())
        return own.set_column(own.num_columns - 1, "place", pa.array(codes, pa.int32()))

    found = lake.sightings(None, None, [MONDAY + timedelta(days=1)], moved).between
    assert [(row["a"], row["b"]) for row in found.to_pylist()] == [(0, 1), (0, 2)]


def test_strangers_by_network_with_whom_they_talk_to(
    lake_of: Callable[..., Lake], line: Callable[..., str]
) -> None:
    seen = [
        line(0, "C1", "192.168.7.5", "10.1.0.1"),
        line(1, "C2", "192.168.7.9", "10.2.0.1"),
        line(2, "C3", "10.1.0.1", "192.168.7.9", 80),
        line(0, "C4", "192.168.8.1", "10.1.0.1"),
        line(0, "C5", "10.1.0.1", "fd00:1:2:3::9"),
        line(0, "C6", "fd00:1:2:3:aaaa::1", "10.3.0.1"),
        line(0, "C7", "fd00:1:2:4::1", "10.3.0.1"),
        line(0, "C8", "192.168.7.5", "192.168.9.9"),  # among themselves
        line(0, "C9", "192.168.7.5", "8.8.8.8"),
        line(0, "C0", "8.8.8.8", "10.1.0.1"),  # the internet is no stranger
    ]
    lake = lake_of({"a": "".join(seen), "b": line(0, "D1", "192.168.7.5", "10.1.0.1")})
    found = lake.sightings(None, None, [], places)
    rows = [
        (text_of(r["hi"], r["lo"]), r["hosts"], r["connections"], r["flows"], r["places"], r["sensors"])
        for r in found.strangers.to_pylist()
    ]
    assert rows[0] == ("192.168.7.5", 2, 3, 3, [0, 1], ["a", "b"])
    assert rows[1][1:] == (2, 2, 2, [0, 2], ["a"])
    assert sorted(rows[2:]) == [
        ("192.168.8.1", 1, 1, 1, [0], ["a"]),
        ("fd00:1:2:4::1", 1, 1, 1, [2], ["a"]),
    ]
    first = found.strangers.to_pylist()[0]
    assert (first["first"], first["last"].date()) == (
        MONDAY + timedelta(seconds=60.5),
        (MONDAY + timedelta(days=2)).date(),
    )
    assert found.networks == 4
    some = lake.sightings(None, None, [], places, limit=1)
    assert (some.strangers.num_rows, some.networks) == (1, 4)


def test_the_first_and_last_address_of_a_24_are_of_one_network(
    lake_of: Callable[..., Lake], line: Callable[..., str]
) -> None:
    ends = ("192.168.7.0", "192.168.7.255", "192.168.8.0", "192.168.6.255")
    lake = lake_of({"a": "".join(line(0, f"C{n}", end, "10.1.0.1") for n, end in enumerate(ends))})
    found = lake.sightings(None, None, [], places).strangers
    assert sorted(found["hosts"].to_pylist()) == [1, 1, 2]


def test_weeks_begin_on_mondays() -> None:
    for day in range(-30, 20_000, 13):
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=monday(day))
        assert at.weekday() == 0
        assert 0 <= day - monday(day) < 7
