"""Tables that cross the border of the engine have one shape, whatever the caller's was."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sekisho.store.shapes import CONNECTIONS, SPANS, conformed, record_table


def test_order_types_and_columns_too_many_are_put_right() -> None:
    given = pa.table({"stop": [9], "more": ["x"], "era": [0], "span": [1], "level": [2]})
    found = conformed(given, SPANS)
    assert found.schema == SPANS
    assert found.to_pylist() == [{"level": 2, "span": 1, "stop": 9, "era": 0}]


def test_a_column_too_few_and_a_number_too_great_are_refused() -> None:
    with pytest.raises(KeyError):
        conformed(pa.table({"level": [1]}), SPANS)
    row = dict.fromkeys(CONNECTIONS.names, 1) | {"src_realm": "", "dst_realm": "", "port": 1 << 40}
    with pytest.raises(pa.ArrowInvalid):
        conformed(pa.Table.from_pylist([row]), CONNECTIONS)


def test_records_as_a_table() -> None:
    assert record_table([(3, 7)]).to_pylist() == [{"file": 3, "row": 7}]
    assert record_table([]).schema == record_table([(1, 1)]).schema
