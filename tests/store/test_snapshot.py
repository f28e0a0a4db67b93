"""What counts at a moment, and what is not whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from sqlite3 import Connection
from typing import Any

import pytest

from sekisho.store import snapshot
from sekisho.store.lake import Lake
from sekisho.store.manifest import connect

MONDAY, DAY = 19_786, 86_400


@pytest.fixture
def manifest(lake: Lake) -> Iterator[Connection]:
    with closing(connect(lake.layout.manifest, migrate=False)) as connection:
        yield connection


def test_days_are_asked_for_with_both_ends(
    lake: Lake, manifest: Connection, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    take(lake, "edge", [flow(at=day * DAY) for day in range(4)])
    found = snapshot.segments(manifest, MONDAY + 1, MONDAY + 2)
    assert [(one.day, one.rows, one.sensors) for one in found] == [
        (MONDAY + 1, 1, ("edge",)),
        (MONDAY + 2, 1, ("edge",)),
    ]
    assert [day for day, _ in snapshot.dirty_days(manifest)] == [MONDAY + n for n in range(4)]
    lake.refresh()
    assert snapshot.dirty_days(manifest) == []
    assert [one.day for one in snapshot.rollups(manifest, MONDAY + 3, MONDAY + 9)] == [MONDAY + 3]


def test_files_that_are_not_whole_are_left_out_and_named_with_the_reason(
    lake: Lake, manifest: Connection, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    take(lake, "edge", [flow(at=day * DAY) for day in range(3)])
    lake.refresh()
    for listed in (snapshot.segments(manifest, 0, 99_999), snapshot.rollups(manifest, 0, 99_999)):
        lake.layout.absolute(listed[0].path).unlink()
        short = lake.layout.absolute(listed[1].path)
        short.write_bytes(short.read_bytes()[:-3])
        good, bad = snapshot.whole(lake.layout, listed)
        assert good == listed[2:]
        assert [(one.day, one.path, one.rows) for one in bad] == [
            (one.day, one.path, one.rows) for one in listed[:2]
        ]
        assert [one.reason for one in bad] == [
            "missing",
            f"{listed[1].size - 3} bytes instead of {listed[1].size}",
        ]


def test_a_row_that_is_superseded_is_excluded_on_its_day_and_where_the_day_is_not_known(
    manifest: Connection, lake: Lake, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    take(lake, "edge", [flow()])
    for row, day in ((7, MONDAY), (8, MONDAY + 1), (9, None)):
        manifest.execute("INSERT INTO exclusion VALUES (1, ?, ?)", (row, day))
    assert snapshot.exclusions(manifest, [MONDAY]) == [(1, 7), (1, 9)]
    assert snapshot.exclusions(manifest, iter([MONDAY, MONDAY + 1])) == [(1, 7), (1, 8), (1, 9)]


def test_raw_flows_are_what_is_whole_of_the_days_with_what_was_superseded_and_pruned(
    lake: Lake, manifest: Connection, take: Callable[..., bool], flow: Callable[..., dict[str, Any]]
) -> None:
    take(lake, "edge", [flow(at=day * DAY) for day in range(4)])
    lake.refresh()
    lake.prune(datetime.fromtimestamp((MONDAY + 1) * DAY, UTC))
    manifest.execute("INSERT INTO exclusion (file, row, day) VALUES (1, 3, ?)", (MONDAY + 2,))
    found = snapshot.raw(manifest, lake.layout, MONDAY, MONDAY + 2)
    assert [one.day for one in found.segments] == [MONDAY + 1, MONDAY + 2]
    assert (found.excluded, found.pruned) == ([(1, 3)], (MONDAY,))
    lake.layout.absolute(found.segments[0].path).unlink()
    assert [one.day for one in snapshot.raw(manifest, lake.layout, MONDAY, MONDAY + 2).segments] == [
        MONDAY + 2
    ]
