from __future__ import annotations

import numpy as np
import pyarrow as pa

from sekisho.watch.hashing import Hashing, among


def test_equal_rows_and_no_others_have_one_number() -> None:
    size = 1 << 60
    table = pa.table({"a": ["x", "y", "x", "x"], "b": [1, 1, 1, -size], "c": [5, 6, 7, 8]})
    hashing = Hashing()
    one, two, same, other = hashing.names(table, ("a", "b")).tolist()
    assert one == same
    assert len({one, two, other}) == 3
    assert hashing.names(table.slice(1, 1), ("a", "b")).tolist() == [two]
    assert hashing.names(table, ("b", "a")).tolist() != [one, two, same, other]
    assert Hashing().names(table, ("a", "b")).tolist() != [one, two, same, other], "nobody can choose"


def test_many_numbers_differ() -> None:
    rows = pa.table({"a": pa.array(np.arange(200_000)), "b": pa.array(np.arange(200_000) % 7)})
    assert len(np.unique(Hashing().names(rows, ("a", "b")))) == 200_000


def test_which_are_among_others() -> None:
    ordered = np.array([3, 5, 9], dtype=np.uint64)
    found, places = among(np.array([9, 1, 5, 10], dtype=np.uint64), ordered)
    assert found.tolist() == [True, False, True, False]
    assert places.tolist() == [2, 0, 1, 3]
    assert among(ordered, ordered[:0])[0].tolist() == [False] * 3
