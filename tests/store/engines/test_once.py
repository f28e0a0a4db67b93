from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from sekisho.store.engines.ibis_duckdb import IbisDuckDB
from sekisho.store.engines.once import Once
from sekisho.store.engines.portable import PortableEngine, Target


def test_the_first_question_opens_the_engine_and_closing_ends_it(target: Callable[..., Target]) -> None:
    opened: list[PortableEngine] = []

    def opener() -> PortableEngine:
        opened.append(IbisDuckDB(target()))
        return opened[-1]

    once = Once(opener)
    once.close()
    assert opened == []
    rows = once().table("rows", pa.table({"x": [1]}))
    assert once().fetch(rows)["x"].to_pylist() == [1]
    assert len(opened) == 1
    once.close()
    once.close()
    assert once() is not opened[0]
    once.close()
