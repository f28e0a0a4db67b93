from __future__ import annotations

import pyarrow as pa
import pytest

from sekisho.store.reconciled import CLASS_SITES, DARK, EDGES, RATES, Ends


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
