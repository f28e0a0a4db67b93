"""Which files hold a window: whole months, the days beside them, and what is left out is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from sqlite3 import Connection
from typing import Any

import pytest

from sekisho.store.contents import Contents, month_begin
from sekisho.store.lake import Lake
from sekisho.store.manifest import connect
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL

MONDAY = 19_786
MARCH, APRIL = 19_783, 19_814
SECONDS = 86_400


@pytest.fixture
def manifest(lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]) -> Iterator[Connection]:
    """Flows on two days of March and of April, and on one of May."""
    take(lake, "a", [flow(at=day * SECONDS) for day in (0, 1, 28, 30, 60)])
    lake.refresh()
    with closing(connect(lake.layout.manifest, migrate=False)) as connection:
        yield connection


def days(lake: Lake, manifest: Connection, window: tuple[float, float], **options: Any) -> Any:
    """Months (first days) and other days of a window, given in days after Monday."""
    edges = [round((MONDAY + edge) * DAY) for edge in window]
    contents = Contents.of(lake.layout, manifest, (edges[0], edges[1]), **options)
    paths, spans = contents.months()
    day_paths, day_spans = contents.other_days()
    assert [len(paths), len(day_paths)] == [len(spans), len(day_spans)]
    assert {span.level for span in spans} <= {MONTH_LEVEL}
    assert all((span.level, span.stop - span.begin) == (DAY_LEVEL, DAY) for span in day_spans)
    return [span.begin // DAY for span in spans], [span.begin // DAY - MONDAY for span in day_spans]


def test_months_are_those_whose_every_day_with_flows_lies_in_the_window(
    lake: Lake, manifest: Connection
) -> None:
    assert days(lake, manifest, (0, 61)) == ([MARCH, APRIL], [60])
    assert days(lake, manifest, (0, 61), by_month=False) == ([], [0, 1, 28, 30, 60])
    assert days(lake, manifest, (0.5, 29)) == ([MARCH], [28]), "a cut day is looked at as a whole"
    assert days(lake, manifest, (1, 31)) == ([APRIL], [1])
    assert days(lake, manifest, (2, 28)) == ([], [])
    assert days(lake, manifest, (5, 5)) == ([], [])


def test_days_of_a_month_and_those_without_raw_flows(
    lake: Lake, manifest: Connection, monday: Any
) -> None:
    lake.prune(monday + timedelta(days=1))
    contents = Contents.of(lake.layout, manifest, (MONDAY * DAY, (MONDAY + 61) * DAY))
    paths, spans = contents.days_of([MARCH * DAY])
    assert [span.begin // DAY - MONDAY for span in spans] == [0, 1]
    assert all(path.is_file() for path in paths)
    assert (contents.pruned, contents.damage) == ([MONDAY], [])
    assert contents.without_raw([span.begin for span in spans]) == [MONDAY * DAY]
    assert {month_begin(span.begin) for span in spans} == {MARCH * DAY}


@pytest.mark.parametrize("kind", ["months/month=2024-03", "rollups/day=2024-03-04"])
def test_what_is_not_whole_is_not_asked(lake: Lake, manifest: Connection, kind: str) -> None:
    """Without its month a day stands for itself; a damaged day is named, and its month is not asked."""
    (broken,) = lake.layout.root.glob(f"{kind}/*.parquet")
    broken.write_bytes(b"")
    contents = Contents.of(lake.layout, manifest, (MONDAY * DAY, (MONDAY + 61) * DAY))
    assert [span.begin // DAY for span in contents.months()[1]] == [APRIL]
    left = [span.begin // DAY - MONDAY for span in contents.other_days()[1]]
    assert left == ([0, 1, 60] if "months" in kind else [1, 60])
    named = [] if "months" in kind else [str(broken.relative_to(lake.layout.root))]
    assert [one.path for one in contents.damage] == named
