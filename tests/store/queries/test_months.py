"""Rows of days, of pieces and of months say the same things, and months sum days up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.flows import ONE_WAY_VOLUME, TIME
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries import months
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW
from sekisho.store.shapes import CONNECTIONS

Row = dict[str, Any]
MONDAY = 19_786
MOST = (1 << 63) - 1
SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        ("piece_begin", pa.int64()),
        ("role", pa.int8()),
        ("sensor", pa.string()),
        *CONNECTIONS,
        *((name, pa.int64()) for name in ("flows", "established", "oneway_flows")),
        *((name, pa.int64()) for name in ("oneway_out", "oneway_in", *months.CARRIED)),
        *((name, TIME) for name in ("first", "last", "first_established", "first_oneway")),
        *((name, pa.int32()) for name in ("hours", "flags", "orientation")),
        ("services", pa.string()),
    ]
)


def connection_day(day: int = MONDAY, **changes: Any) -> Row:
    row: Row = dict.fromkeys(SCHEMA.names, 1)
    row |= {
        "day": date.fromordinal(719_163 + day),
        "piece_begin": day * DAY,
        "role": ONLY,
        "sensor": "a",
    }
    row |= {
        "src_realm": "",
        "dst_realm": "",
        "first": day * DAY,
        "last": day * DAY + 9,
        "services": None,
    }
    row |= {"oneway_flows": 0, "oneway_out": 0, "oneway_in": 0, "first_oneway": None}
    return row | {"first_established": day * DAY + 5} | changes


@pytest.fixture
def found(one_engine: DuckDB) -> Any:
    """Rows of the roll-ups given, as a level has them, in order of their first."""

    def ask(rows: list[Row], level: int = months.DAY_LEVEL) -> list[Row]:
        one_engine.register("rollups", pa.Table.from_pylist(rows, SCHEMA))
        one_engine.run(f"CREATE OR REPLACE TEMP TABLE rows AS {months.rows_of_days('rollups', level)}")
        answer: list[Row] = one_engine.fetch(
            "SELECT * FROM rows ORDER BY first, role, sensor"
        ).to_pylist()
        return answer

    return ask


@pytest.mark.parametrize("volume", [ONE_WAY_VOLUME - 1, ONE_WAY_VOLUME])
def test_flows_one_way_count_from_a_volume_on(found: Any, volume: int) -> None:
    silent = {"oneway_flows": 3, "oneway_out": volume, "first_oneway": MONDAY * DAY + 2}
    (row,) = found([connection_day(established=2, flows=5, **silent)])
    enough = volume == ONE_WAY_VOLUME
    assert (row["counted"], row["flows"], row["established"]) == (5 if enough else 2, 5, 2)
    assert row["first_counted"].microsecond == (2 if enough else 5)
    assert (row["level"], row["span"], row["days"]) == (months.DAY_LEVEL, MONDAY * DAY, 1)


def test_the_volume_of_a_day_in_pieces_is_the_days(found: Any) -> None:
    half = {"established": 0, "first_established": None, "oneway_flows": 1}
    half |= {"oneway_in": ONE_WAY_VOLUME // 2}
    noon = MONDAY * DAY + DAY // 2
    pieces = [
        connection_day(first_oneway=MONDAY * DAY, **half),
        connection_day(piece_begin=noon, first=noon, last=noon, first_oneway=noon, **half),
    ]
    rows = found(pieces, months.PIECE_LEVEL)
    assert [(row["span"], row["counted"]) for row in rows] == [(MONDAY * DAY, 1), (noon, 1)]
    other = connection_day(port=2, piece_begin=noon, first=noon, last=noon, first_oneway=noon, **half)
    assert [row["counted"] for row in found([pieces[0], other], months.PIECE_LEVEL)] == [0, 0]


def test_a_month_sums_its_days_and_again_with_what_it_was(one_engine: DuckDB, found: Any) -> None:
    days = [
        connection_day(bytes_out=MOST, services="dns,http", hours=1, flags=4),
        connection_day(MONDAY + 1, sensor="b", bytes_out=MOST, services="smb", hours=2, flags=1),
        *(connection_day(MONDAY + 2, role=VIEW, sensor=name, flows=2) for name in "ab"),
        connection_day(MONDAY + 2, role=MERGED, sensor="", flows=3, first_established=None),
    ]

    def month(inputs: str) -> list[Row]:
        *make, read = months.month(inputs, 7)
        for statement in make:
            one_engine.run(statement)
        table = one_engine.fetch(read)
        one_engine.register("month", table)
        answer: list[Row] = table.sort_by([("role", "ascending"), ("sensor", "ascending")]).to_pylist()
        return answer

    plain = "(SELECT * EXCLUDE (level) FROM rows)"
    found(days)
    whole = month(plain)
    found(days[:1])
    month(plain)
    found(days[1:])
    assert month("(SELECT * EXCLUDE (level) FROM rows UNION ALL BY NAME SELECT * FROM month)") == whole
    views, (merged,) = whole[:-1], whole[-1:]
    assert [(row["role"], row["sensor"], row["flows"], row["days"]) for row in views] == [
        (VIEW, "a", 3, 2),
        (VIEW, "b", 3, 2),
    ]
    assert (merged["role"], merged["flows"], merged["days"], merged["counted"]) == (MERGED, 5, 3, 3)
    assert (merged["bytes_out"], merged["hours"], merged["flags"]) == (MOST, 3, 5), "hostile sums stay"
    assert (merged["services"], merged["span"]) == ("dns,smb", 7)
    assert merged["first_counted"].microsecond == 5
    levels = one_engine.fetch(months.rows_of_months("month"))["level"].to_pylist()
    assert set(levels) == {months.MONTH_LEVEL}
