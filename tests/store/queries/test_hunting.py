"""Cutting an end to a length, held against whole numbers."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.model.addresses import halves
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.hunting import ASKED_PREFIXES
from sekisho.store.queries import hunting as queries


@given(st.integers(0, 2**32), st.integers(20, 128))
@settings(max_examples=60, deadline=None)
def test_cutting_to_a_length_is_what_a_prefix_is(seed: int, length: int) -> None:
    """Near both edges of the prefix, and anywhere."""
    random = Random(seed)
    base = random.getrandbits(128) >> (128 - length) << (128 - length)
    last = base + (1 << (128 - length)) - 1
    numbers = [
        n for n in (base, last, base - 1, last + 1, random.getrandbits(128)) if 0 <= n < 1 << 128
    ]
    table = pa.table(
        {
            name: pa.array([halves(n)[part] for n in numbers], pa.int64())
            for part, name in enumerate(("hi", "lo"))
        }
    )
    hi, lo = halves(base)
    row = [{"number": 1, "hi": hi, "lo": lo, "length": length}]
    with (
        TemporaryDirectory() as root,
        DuckDB(Path(root), Path(root), "100MB", 1) as engine,
    ):
        engine.register("ends", table)
        engine.register("asked_prefixes", pa.Table.from_pylist(row, ASKED_PREFIXES))
        found = engine.fetch(queries.prefixes([length])).to_pylist()
    assert {(r["hi"], r["lo"]) for r in found} == {halves(n) for n in numbers if base <= n <= last}
