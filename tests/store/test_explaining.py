from __future__ import annotations

import pyarrow as pa

from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.explaining import explained
from sekisho.store.reconciled import CLASS_SITES, DARK, EDGES, RATES, SIDED, Ends

ENDS = Ends(CLASS_SITES.empty_table(), EDGES.empty_table(), DARK.empty_table(), RATES.empty_table())


def row(**changes: object) -> dict[str, object]:
    numbers = {field.name: 0 for field in SIDED if pa.types.is_integer(field.type)}
    texts = {"src_realm": "", "dst_realm": "", "first": None, "last": None}
    known = {"level": 1, "src_site": 1, "dst_site": 2, "days": 1, "flows": 5, "hours": 1}
    return numbers | texts | known | changes


def test_what_differs_is_told_one_by_one_up_to_a_limit(engine: DuckDB) -> None:
    whole = {"at_src": 5, "most_src": 5, "at_dst": 5, "most_dst": 5, "established_src": 5}
    rows = [row(**whole), row(**whole | {"at_dst": 2, "most_dst": 2, "src_lo": 1})]
    rows.append(row(**whole | {"at_dst": 0, "most_dst": 0, "src_lo": 2}))
    engine.register("given", pa.Table.from_pylist(rows, SIDED))
    engine.run("CREATE TEMP TABLE sided AS SELECT * FROM given")
    found = explained(engine, ENDS, 1)
    assert found.whole.to_pylist() == [
        {"src_site": 1, "dst_site": 2, "connection_days": 3, "flows": 15, "even": 1, "neither": 0}
    ]
    assert sorted(found.uneven["missing"].to_pylist()) == [3, 5]
    assert found.candidates["src_lo"].to_pylist() == [2], "what an end has nothing of comes first"
