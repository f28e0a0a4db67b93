from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.among import among, member
from sekisho.audit.evidence import KEYS, key_of
from sekisho.audit.marks import keys_of

key = st.tuples(
    st.sampled_from(("", "lab")),
    st.integers(-2, 2),
    st.integers(0, 1),
    st.just(""),
    st.just(0),
    st.integers(0, 2),
    st.sampled_from((6, 17)),
    st.integers(0, 2),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(key, max_size=20), st.lists(key, max_size=8))
def test_in_order_and_each_as_often_as_it_was(rows: list[tuple[object, ...]], of: list[object]) -> None:
    columns = dict(zip(KEYS, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    table = pa.table(columns, schema=keys_of({}).schema) if rows else keys_of({})
    asked = keys_of(dict.fromkeys(of))
    wanted = [row for row in rows if row in set(of)]
    assert [key_of(row) for row in among(table, asked).to_pylist()] == wanted
    assert member(table, asked).tolist() == [row in set(of) for row in rows]
    assert among(table, None) is table
