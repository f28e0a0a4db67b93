"""The tables beside the flows."""

from __future__ import annotations

import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.store.side_tables import LOGONS, NAMES, SIDE_TABLES


def test_each_has_its_own_name_and_mark_and_an_order_of_its_columns() -> None:
    assert len({table.name for table in SIDE_TABLES}) == len(SIDE_TABLES)
    assert len({table.mark for table in SIDE_TABLES}) == len(SIDE_TABLES)
    for table in SIDE_TABLES:
        assert set(table.order) <= set(table.schema.names)
        assert {"time", "row", "file"} <= set(table.schema.names)


def test_names_of_translations_say_when_the_last_of_their_connections_ended() -> None:
    value = "tcp 10.0.0.1:5 > 10.0.0.2:443 as 192.0.2.9:9 > 10.0.0.2:443 for %d s"
    values = [value % 70, value % 5, "nothing of this form", value % 9_000]
    kinds = ["nat", "nat", "nat", "sni"]
    times = pa.array([1_000_000, 50_000_000, 10**12, 0], pa.int64()).cast(TIME)
    rows = pa.table({"kind": kinds, "value": values, "time": times})
    assert NAMES.until(rows) == 71_000_000
    assert NAMES.until(rows.slice(2)) is None
    assert LOGONS.until(rows) is None
