"""Rows of a round: whose ends are labelled, what is loose at the next level, what blunt rows become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.flows import TIME
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries import levels
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL, PIECE_LEVEL
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW
from sekisho.store.shapes import CONNECTIONS, LABELS

Row = dict[str, Any]
MEASURES = ("days", "flows", "counted", "established", "bytes_out", "bytes_out_spread", "bytes_in")
TIMES = ("first", "last", "first_counted", "first_established")
ROWS = pa.schema(
    [
        ("level", pa.int8()),
        ("span", pa.int64()),
        ("role", pa.int8()),
        ("sensor", pa.string()),
        *CONNECTIONS,
        *((name, pa.int64()) for name in (*MEASURES, "bytes_in_spread")),
        *((name, TIME) for name in TIMES),
    ]
)
LOOSE = pa.schema([("level", pa.int8()), ("span", pa.int64()), *CONNECTIONS])


def at(second: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


def one(src: int = 1, dst: int = 2, **changes: Any) -> Row:
    row: Row = dict.fromkeys(ROWS.names, 1) | {
        "level": DAY_LEVEL,
        "span": 0,
        "role": ONLY,
        "sensor": "a",
    }
    row |= {"src_realm": "", "dst_realm": "", "src_lo": src, "dst_lo": dst}
    return row | dict.fromkeys(TIMES, at(10)) | {"last": at(50)} | changes


@pytest.fixture
def register(one_engine: DuckDB) -> Any:
    """Give the engine tables of rows."""

    def give(**tables: tuple[list[Row], pa.Schema]) -> None:
        for name, (rows, schema) in tables.items():
            kept = [{field: row[field] for field in schema.names} for row in rows]
            one_engine.register("given", pa.Table.from_pylist(kept, schema))
            one_engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")

    return give


SPANS = pa.schema(
    [("level", pa.int8()), ("span", pa.int64()), ("stop", pa.int64()), ("era", pa.int32())]
)


def test_every_end_of_what_counts_is_asked_for_once_an_era(one_engine: DuckDB, register: Any) -> None:
    register(
        rows=([one(), one(2, 1), one(5, 6, role=VIEW), one(7, 8, level=MONTH_LEVEL)], ROWS),
        spans=(
            [
                {"level": DAY_LEVEL, "span": 0, "stop": DAY, "era": 0},
                {"level": MONTH_LEVEL, "span": 0, "stop": 31 * DAY, "era": 3},
            ],
            SPANS,
        ),
    )
    found = one_engine.fetch(levels.addresses("rows")).to_pylist()
    assert sorted((row["era"], row["lo"]) for row in found) == [(0, 1), (0, 2), (3, 7), (3, 8)]


def test_labels_that_lack_or_repeat_an_end_are_told(one_engine: DuckDB, register: Any) -> None:
    label = {"era": 0, "realm": "", "hi": 1, "class": 4, "steady": True}
    labels = [label | {"lo": 1}, label | {"lo": 2, "steady": False}]
    register(
        rows=([one(), one(1, 3), one(role=VIEW), one(role=MERGED, port=9, last=at(99_999))], ROWS),
        spans=([{"level": DAY_LEVEL, "span": 0, "stop": DAY, "era": 0}], SPANS),
        labels=(labels, LABELS),
    )
    one_engine.run(levels.labelled("rows"))
    assert one_engine.fetch(levels.unlabelled("rows"))["n"].to_pylist() == [1]
    assert one_engine.fetch(levels.TWICE_LABELLED)["n"].to_pylist() == [0]
    found = one_engine.fetch("SELECT port, until, steady FROM labelled ORDER BY port").to_pylist()
    assert [(row["port"], row["until"]) for row in found] == [(1, 50_000_000), (9, DAY - 1)], (
        "a flow that ends later began within the span"
    )
    assert not any(row["steady"] for row in found), "either end may change"
    register(labels=([*labels, labels[0]], LABELS))
    assert one_engine.fetch(levels.TWICE_LABELLED)["n"].to_pylist() == [1]


def test_days_are_looked_at_of_the_connections_that_are_loose_in_their_month(
    one_engine: DuckDB, register: Any
) -> None:
    """A day that is loose and begins with the month is none of it."""
    days = [one(), one(span=DAY), one(3, 4), one(5, 6)]
    loose = [one(level=MONTH_LEVEL), one(3, 4, level=DAY_LEVEL), one(5, 6, level=MONTH_LEVEL, span=9)]
    register(days=(days, ROWS), loose=(loose, LOOSE))
    one_engine.register("month_days", pa.table({"span": [0, DAY], "month": [0, 0]}))
    found = one_engine.fetch(levels.days_of_months("days")).to_pylist()
    assert sorted((row["src_lo"], row["span"]) for row in found) == [(1, 0), (1, DAY)]


def test_pieces_of_a_day_are_those_of_its_loose_connections_either_way_round(
    one_engine: DuckDB, register: Any
) -> None:
    register(
        pieces=([one(level=PIECE_LEVEL), one(3, 4)], ROWS), loose=([one(), one(3, 4, span=DAY)], LOOSE)
    )
    found = one_engine.fetch(levels.of_day("SELECT * FROM pieces", 0)).to_pylist()
    assert [row["src_lo"] for row in found] == [1]
    one_engine.run(levels.ends_of_day(0))
    ends = one_engine.fetch("SELECT src_lo, dst_lo FROM wanted ORDER BY src_lo").to_pylist()
    assert [tuple(row.values()) for row in ends] == [(1, 2), (2, 1)]


def test_a_blunt_row_is_asked_once_for_every_piece_it_may_have_flows_in(
    one_engine: DuckDB, register: Any
) -> None:
    register(
        rows=([one(), one(3, 4), one(role=VIEW), one(level=MONTH_LEVEL)], ROWS),
        loose=([one(), one(level=MONTH_LEVEL)], LOOSE),
    )
    cut = [0, 20_000_000, 40_000_000, 50_000_001, DAY]
    blunt = pa.table({"span": [0] * 4, "begin": cut[:-1], "stop": cut[1:]})
    one_engine.register("blunt", blunt)
    one_engine.run(levels.blunt("rows"))
    found = one_engine.fetch(f"SELECT * FROM {levels.BLUNT} ORDER BY span").to_pylist()
    assert [(row["span"], row["first"]) for row in found] == [
        (0, at(10)),
        (20_000_000, at(20)),
        (40_000_000, at(40)),
    ]
    assert {(row["level"], row["src_lo"]) for row in found} == {(PIECE_LEVEL, 1)}


def test_views_are_of_the_rows_that_violate_and_each_sensor_has_its_own(
    one_engine: DuckDB, register: Any
) -> None:
    rows = [
        one(role=MERGED, sensor="", flows=5),
        one(role=VIEW, sensor="a", flows=3),
        one(role=VIEW, sensor="b", flows=4),
        one(span=DAY, sensor="a", flows=10),
        one(span=2 * DAY, sensor="a", flows=100),
        one(3, 4, flows=1000),
    ]
    register(
        stage_rows=(rows, ROWS),
        violating=([rows[0], rows[3], rows[5]], LOOSE),
        asked=(rows[:1], CONNECTIONS),
    )
    found = {row["sensor"]: row["flows"] for row in one_engine.fetch(levels.views()).to_pylist()}
    assert found == {"a": 13, "b": 4}


def test_relations_are_read_as_one_by_the_names_of_their_columns(one_engine: DuckDB) -> None:
    one_engine.run(levels.rows("two", ["(SELECT 1 AS a, 2 AS b)", "(SELECT 3 AS b, 4 AS a)"]))
    assert one_engine.fetch("SELECT a FROM two ORDER BY a")["a"].to_pylist() == [1, 4]
    one_engine.run(
        "CREATE OR REPLACE TEMP TABLE judged AS SELECT 1 AS src_class, 2 AS dst_class, 6 AS protocol,"
        " 22 AS port, unnest([5, 3]) AS first, unnest([6, 4]) AS last"
    )
    (usage,) = one_engine.fetch(levels.USAGE).to_pylist()
    assert (usage["first"], usage["last"]) == (3, 6)
    one_engine.run("CREATE OR REPLACE TEMP TABLE labelled AS SELECT * FROM judged")
    assert one_engine.fetch(levels.COMBINATIONS).num_rows == 1
