"""Rows of a connection put together: one row where one sensor saw all of it, else the whole and views."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW
from sekisho.store.queries.summing import summed
from sekisho.store.shapes import CONNECTIONS

Row = dict[str, Any]


def rows_of(day: dict[int, dict[str, int]]) -> list[Row]:
    """A day's rows: flows of each sensor by connection (its port). The whole is what the most busy saw."""
    found: list[Row] = []
    for port, seen in day.items():
        key: Row = dict.fromkeys(CONNECTIONS.names, 1) | {
            "src_realm": "",
            "dst_realm": "",
            "port": port,
        }
        role = VIEW if len(seen) > 1 else ONLY
        found += [key | {"role": role, "sensor": name, "flows": n} for name, n in seen.items()]
        if len(seen) > 1:
            found.append(key | {"role": MERGED, "sensor": "", "flows": max(seen.values())})
    return found


SEEN = st.dictionaries(st.sampled_from("ab"), st.integers(1, 9), min_size=1)
DAYS = st.lists(st.dictionaries(st.sampled_from([22, 445]), SEEN, min_size=1), min_size=1, max_size=3)


@settings(max_examples=50)
@given(days=DAYS)
def test_wholes_and_views_are_summed_apart(
    one_engine: DuckDB, days: list[dict[int, dict[str, int]]]
) -> None:
    given_rows = [row for day in days for row in rows_of(day)]
    one_engine.register("given_rows", pa.Table.from_pylist(given_rows))
    for statement in summed("sums", "given_rows", "7 AS span", "sum(flows)::BIGINT AS flows"):
        one_engine.run(statement)
    found = one_engine.fetch("SELECT * FROM sums").to_pylist()
    whole: dict[int, int] = defaultdict(int)
    views: dict[tuple[int, str], int] = defaultdict(int)
    for row in given_rows:
        if row["role"] != VIEW:
            whole[row["port"]] += row["flows"]
        if row["role"] != MERGED:
            views[row["port"], row["sensor"]] += row["flows"]
    counted = {row["port"]: row for row in found if row["role"] != VIEW}
    assert {port: row["flows"] for port, row in counted.items()} == whole
    assert len(counted) == sum(row["role"] != VIEW for row in found), "one row that counts"
    for port, row in counted.items():
        sensors = {sensor for at, sensor in views if at == port}
        assert (row["role"], row["sensor"]) == ((MERGED, "") if len(sensors) > 1 else (ONLY, *sensors))
    seen = {(row["port"], row["sensor"]): row["flows"] for row in found if row["role"] != MERGED}
    assert seen == views
    assert {row["span"] for row in found} == {7}
