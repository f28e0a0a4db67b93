"""Columns that questions share, asked of the engine itself."""

from __future__ import annotations

from ipaddress import ip_address

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.addresses import key
from sekisho.model.protocols import WITH_PORTS
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries.columns import CONNECTION, DAY, KEY, PAIR, PORT, TUPLE, floored, same

ENDS = ("realm", "hi", "lo", "port")


@given(value=st.integers(-(2**60), 2**60), unit=st.sampled_from([1, 7, 3_600_000_000, DAY]))
def test_floored_rounds_down_before_1970_too(one_engine: DuckDB, value: int, unit: int) -> None:
    found = one_engine.fetch(f"SELECT {floored('$1::BIGINT', unit)} AS n", [value])["n"][0].as_py()
    assert found == value // unit * unit


def test_only_protocols_with_ports_have_one(engine: DuckDB) -> None:
    rows = pa.table({"protocol": pa.array(range(256), pa.int16()), "dst_port": [445] * 256})
    engine.register("flows", rows)
    found = engine.fetch(f"SELECT protocol, {PORT} AS port FROM flows")
    with_port = {row["protocol"] for row in found.to_pylist() if row["port"] == 445}
    assert with_port == WITH_PORTS
    assert set(found["port"].to_pylist()) == {0, 445}


def test_names_of_pairs_and_five_tuples_have_no_direction(engine: DuckDB) -> None:
    a = ("", *key(ip_address("10.1.0.1")), 50_000)
    b = ("", *key(ip_address("2001:db8::1")), 445)
    elsewhere = ("acquired", *b[1:])
    rows = [
        dict(zip([f"src_{n}" for n in ENDS] + [f"dst_{n}" for n in ENDS], src + dst, strict=True))
        for src, dst in ((a, b), (b, a), (a, elsewhere), (a, (*b[:3], 446)))
    ]
    engine.register("flows", pa.Table.from_pylist([row | {"protocol": 6} for row in rows]))
    found = engine.fetch(f"SELECT {PAIR} AS pair, {TUPLE} AS tuple FROM flows")
    pairs, tuples = found["pair"].to_pylist(), found["tuple"].to_pylist()
    assert [pairs.index(one) for one in pairs] == [0, 0, 2, 0]
    assert [tuples.index(one) for one in tuples] == [0, 0, 2, 3]


def test_a_connection_is_joined_by_every_column_of_its_key() -> None:
    assert KEY.split(", ") == list(CONNECTION)
    assert same("r", "a").split(" AND ") == [f"r.{name} = a.{name}" for name in CONNECTION]
    assert same("x", "y", ("day",)) == "x.day = y.day"
