from __future__ import annotations

import sys
from collections.abc import Callable

import pyarrow as pa
import pytest
from ibis import _

from sekisho.errors import RequestError, SekishoError
from sekisho.store.engines.ibis_duckdb import IbisDuckDB
from sekisho.store.engines.portable import Target


def test_a_sum_beyond_64_bits_is_an_error(ibis_duckdb: IbisDuckDB) -> None:
    large = ibis_duckdb.table("large", pa.table({"x": [2**62] * 4}))
    for ask in (lambda r: ibis_duckdb.fetch(r), lambda r: ibis_duckdb.keep("never", r)):
        with pytest.raises(SekishoError, match=r"fit|could not compute"):
            ask(large.agg(x=_.x.sum()))


def test_nothing_is_left_when_it_closes(target: Callable[..., Target]) -> None:
    where = target()
    before = set(where.temporary.iterdir())
    with IbisDuckDB(where) as engine:
        engine.keep("kept", engine.table("rows", pa.table({"x": [1]})))
        assert set(where.temporary.iterdir()) != before
    assert set(where.temporary.iterdir()) == before


def test_without_ibis_the_error_says_what_to_install(
    target: Callable[..., Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(RequestError, match="not installed"):
        IbisDuckDB(target())
