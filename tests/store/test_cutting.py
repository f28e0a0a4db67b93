"""Days cut into pieces: of the connections that are asked for alone, and what is damaged is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa
import pytest

from sekisho.store import cutting
from sekisho.store.contents import Contents
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.lake import Lake
from sekisho.store.manifest import connect
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.months import DAY_LEVEL, PIECE_LEVEL
from sekisho.store.shapes import CONNECTIONS

MONDAY = 19_786
NOON = MONDAY * DAY + DAY // 2


@pytest.fixture
def contents(lake: Lake, take: Callable[..., bool], flow: Callable[..., Any]) -> Iterator[Contents]:
    for sensor in "ab":
        rows = [flow(at=hour * 3600, sport=hour + 1) for hour in (1, 2, 13)]
        rows.append(flow("10.40.1.1", at=100, sport=99))
        take(lake, sensor, rows, f"{sensor}.log")
    lake.refresh()
    with closing(connect(lake.layout.manifest, migrate=False)) as manifest:
        yield Contents.of(lake.layout, manifest, (MONDAY * DAY, (MONDAY + 1) * DAY))


@pytest.fixture
def engine_with_loose(engine: DuckDB, asked: Callable[..., pa.Table]) -> DuckDB:
    """One connection is loose on Monday."""
    keys = asked("10.40.9.9", "10.1.0.5", 445).select(CONNECTIONS.names).cast(CONNECTIONS)
    loose = keys.append_column("level", pa.array([DAY_LEVEL], pa.int8()))
    engine.register("given", loose.append_column("span", pa.array([MONDAY * DAY], pa.int64())))
    engine.run("CREATE TEMP TABLE loose AS SELECT * FROM given")
    return engine


def test_pieces_hold_the_flows_that_began_in_them(
    engine_with_loose: DuckDB, contents: Contents
) -> None:
    outside = (MONDAY + 2) * DAY
    spans = cutting.cut(engine_with_loose, contents, [MONDAY * DAY], [NOON, outside, NOON])
    assert [(span.level, span.begin, span.stop) for span in spans] == [
        (PIECE_LEVEL, MONDAY * DAY, NOON),
        (PIECE_LEVEL, NOON, (MONDAY + 1) * DAY),
    ]
    found = engine_with_loose.fetch(f"SELECT * FROM {cutting.ROWS} WHERE role = 2 ORDER BY span")
    assert found.select(["span", "flows"]).to_pylist() == [
        {"span": MONDAY * DAY, "flows": 2},
        {"span": NOON, "flows": 1},
    ], "both sensors' views are one flow, and nobody else's flows are among them"


def test_a_day_whose_raw_flows_are_gone_is_named(engine_with_loose: DuckDB, contents: Contents) -> None:
    for path in contents.layout.flows.rglob("*.parquet"):
        path.unlink()
    assert cutting.cut(engine_with_loose, contents, [MONDAY * DAY], [NOON]) == []
    assert {(one.day, one.reason) for one in contents.damage} == {(MONDAY, "missing")}
    assert engine_with_loose.fetch(f"SELECT * FROM {cutting.ROWS}").num_rows == 0


def test_no_rows_have_the_columns_of_pieces(engine_with_loose: DuckDB, contents: Contents) -> None:
    cutting.cut(engine_with_loose, contents, [MONDAY * DAY], [NOON])
    pieces = engine_with_loose.fetch(f"SELECT * FROM {cutting.ROWS}").schema
    none = engine_with_loose.fetch(cutting.no_rows(engine_with_loose))
    assert (none.num_rows, none.schema.names) == (0, pieces.names)
