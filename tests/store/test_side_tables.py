"""The tables beside the flows."""

from __future__ import annotations

from sekisho.store.side_tables import SIDE_TABLES


def test_each_has_its_own_name_and_mark_and_an_order_of_its_columns() -> None:
    assert len({table.name for table in SIDE_TABLES}) == len(SIDE_TABLES)
    assert len({table.mark for table in SIDE_TABLES}) == len(SIDE_TABLES)
    for table in SIDE_TABLES:
        assert set(table.order) <= set(table.schema.names)
        assert {"time", "row", "file", "sensor"} <= set(table.schema.names)
