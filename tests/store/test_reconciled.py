from __future__ import annotations

import pyarrow as pa
import pytest

from sekisho.store.reconciled import CLASS_SITES, DARK, EDGES, RATES, WHOLE, Ends, added


def test_tables_are_given_in_the_types_that_questions_expect() -> None:
    ends = Ends(
        pa.table({"class": pa.array([7], pa.int64()), "site": pa.array([1], pa.int64())}),
        EDGES.empty_table(),
        DARK.empty_table(),
        RATES.empty_table(),
    )
    tables = ends.tables()
    assert tables["class_sites"].schema == CLASS_SITES
    assert set(tables) == {"class_sites", "edges", "dark", "rates"}
    with pytest.raises(ValueError, match="names"):
        Ends(EDGES.empty_table(), *[EDGES.empty_table()] * 3).tables()


def test_pairs_of_two_parts_are_added() -> None:
    one = pa.table([[1, 2], [2, 1], [3, 4], [30, 40], [3, 0], [0, 1]], schema=WHOLE)
    other = pa.table([[1], [2], [5], [50], [5], [2]], schema=WHOLE)
    both = added(one, other).sort_by("src_site")
    assert both.schema == WHOLE
    assert both.to_pydict() == {
        "src_site": [1, 2],
        "dst_site": [2, 1],
        "connection_days": [8, 4],
        "flows": [80, 40],
        "even": [8, 0],
        "neither": [2, 1],
    }
