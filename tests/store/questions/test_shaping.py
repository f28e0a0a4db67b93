from __future__ import annotations

import pyarrow as pa
import pytest
from ibis.common.exceptions import IbisTypeError

from sekisho.store.engines.ibis_duckdb import IbisDuckDB
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import ADDRESSES


def test_columns_have_the_order_and_the_types_that_are_declared(ibis_duckdb: IbisDuckDB) -> None:
    given = pa.table({"lo": [2], "more": ["x"], "hi": [1], "realm": [""], "era": [3]})
    table = ibis_duckdb.table("shaped", given)
    assert ibis_duckdb.fetch(shaped(table, ADDRESSES)).schema == ADDRESSES
    with pytest.raises(IbisTypeError, match="hi"):
        shaped(table.drop("hi"), ADDRESSES)
