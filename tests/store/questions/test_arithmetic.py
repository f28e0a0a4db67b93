from __future__ import annotations

from typing import Any

import pyarrow as pa
from ibis import _

from sekisho.store.engines.portable import PortableEngine
from sekisho.store.questions.arithmetic import LARGEST, clamped, earlier, floored, several

SUMS: dict[str, list[int | None]] = {
    "none": [],
    "null": [None, None],
    "small": [1, None, 2],
    "halves": [2**32 - 1, 2**32 - 1, 1],
    "fits": [LARGEST - 1, 1],
    "just not": [LARGEST, 1],
    "far": [LARGEST] * 9,
}


def test_a_sum_stops_at_what_64_bits_hold(portable_engine: PortableEngine) -> None:
    rows = [{"k": k, "x": x, "y": True} for k, values in SUMS.items() for x in values]
    rows += [{"k": "small", "x": LARGEST, "y": False}]
    schema = pa.schema([("k", pa.string()), ("x", pa.int64()), ("y", pa.bool_())])
    table = portable_engine.table("sums", pa.Table.from_pylist(rows, schema))
    found = portable_engine.fetch(table.group_by("k").agg(sum=clamped(table["x"], table["y"])))
    wanted = {
        k: min(sum(present), LARGEST) if (present := [x for x in values if x is not None]) else None
        for k, values in SUMS.items()
        if values
    }
    assert {row["k"]: row["sum"] for row in found.to_pylist()} == wanted
    nothing = portable_engine.fetch(table.filter(table["k"] == "none").agg(sum=clamped(table["x"])))
    assert nothing["sum"].to_pylist() == [None]


def test_units_of_time_begin_before_their_middle_in_every_century(
    portable_engine: PortableEngine,
) -> None:
    values = [-(2**60), -86_400, -86_399, -1, 0, 1, 3599, 3600, 2**60]
    table = portable_engine.table("instants", pa.table({"x": values}))
    found = portable_engine.fetch(table.select("x", floor=floored(_.x, 3600)))
    assert {row["x"]: row["floor"] for row in found.to_pylist()} == {
        x: x // 3600 * 3600 for x in values
    }


def test_the_earlier_is_the_one_that_is_there_and_texts_are_named_once(
    portable_engine: PortableEngine, monday: Any
) -> None:
    at: list[Any] = [None, monday, monday.replace(year=1969)]
    rows = [{"a": a, "b": b, "c": c} for a in at for b in at for c in (None, "x", "y")]
    kind = pa.timestamp("us", tz="UTC")
    schema = pa.schema([("a", kind), ("b", kind), ("c", pa.string())])
    table = portable_engine.table("pairs", pa.Table.from_pylist(rows, schema))
    found = portable_engine.fetch(
        table.mutate(e=earlier(table["a"], table["b"]), s=several(table["c"], table["c"].upper()))
    )
    assert found.num_rows == 27
    for row in found.to_pylist():
        present = [one for one in (row["a"], row["b"]) if one is not None]
        assert row["e"] == (min(present) if present else None)
        assert row["s"] == (None if row["c"] is None else f"{row['c']},{row['c'].upper()}")


def test_one_text_stands_alone(portable_engine: PortableEngine) -> None:
    table = portable_engine.table("texts", pa.table({"c": ["日本", ""]}))
    found = portable_engine.fetch(table.mutate(s=several(table["c"], table["c"])))
    assert found["s"].to_pylist() == found["c"].to_pylist()
