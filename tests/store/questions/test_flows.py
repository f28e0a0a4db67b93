"""Raw rows, one by one, against the SQL of the embedded engine."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pyarrow as pa

from sekisho.model.flows import FLOW_SCHEMA, Flag, State
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.engines.portable import PortableEngine
from sekisho.store.queries.columns import PORT
from sekisho.store.queries.established import BLOCKED, ESTABLISHED
from sekisho.store.questions.flows import blocked, established, port_of, standing

Row = dict[str, Any]
SMALL = (0, 1, 40, 2**62)


def test_what_is_established_blocked_and_its_port(
    portable_engine: PortableEngine, engine: DuckDB, flow: Callable[..., Row]
) -> None:
    rows = [
        flow(protocol=protocol, state=state, flags=flags, payload_in=payload, payload_out=payload,
             bytes_in=size, packets_in=packets, bytes_out=1)
        for protocol, state, flags, payload, size, packets in product(
            (1, 6, 17), State, (0, int(Flag.RESET)), (None, 0, 5), SMALL, (0, 1)
        )
    ]  # fmt: skip
    rows += [flow("2001:db8::1", "2001:db8::2", state=State.UNKNOWN, bytes_in=n) for n in (0, 50, 900)]
    numbered = [row | {"row": n, "file": 1} for n, row in enumerate(rows)]
    given = pa.Table.from_pylist(numbered, FLOW_SCHEMA)
    engine.register("given", given)
    wanted = engine.fetch(f"SELECT row, {ESTABLISHED} AS e, {BLOCKED} AS b, {PORT} AS p FROM given")
    table = portable_engine.table("raw_flows", given)
    found = portable_engine.fetch(
        table.select("row", e=established(table), b=blocked(table), p=port_of(table, "dst_port"))
    )
    assert found.sort_by("row").to_pylist() == wanted.sort_by("row").to_pylist()
    assert set(map(str, found["e"].to_pylist())) == {"True", "False"}


def test_the_last_word_of_a_uid_stands_and_what_is_superseded_does_not(
    portable_engine: PortableEngine, flow: Callable[..., Row]
) -> None:
    rows = [
        flow(uid="C1", lasts=1),
        flow(uid="C1", lasts=9),
        flow(uid="C1", lasts=9, bytes_in=10**9),
        flow(uid="C1", sensor="other"),
        flow(uid=None),
        flow(uid=None),
        flow(uid="C2"),
        flow(uid="C2", sport=9),
    ]
    numbered = [row | {"row": n, "file": 1} for n, row in enumerate(rows)]
    flows = portable_engine.table("words", pa.Table.from_pylist(numbered, FLOW_SCHEMA))
    out = pa.table({"file": pa.array([1, 2], pa.int32()), "row": pa.array([7, 5], pa.int64())})
    left = portable_engine.fetch(standing(flows, portable_engine.table("superseded", out)))
    assert sorted(left["row"].to_pylist()) == [2, 3, 4, 5, 6]
    assert set(left.column_names) == set(FLOW_SCHEMA.names)
