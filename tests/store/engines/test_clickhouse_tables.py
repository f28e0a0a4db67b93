from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sekisho.model.flows import TIME
from sekisho.store.engines.clickhouse import ClickHouse
from sekisho.store.engines.clickhouse_tables import Tables

pytestmark = pytest.mark.xdist_group("clickhouse")
SCHEMA = pa.schema([pa.field("start", TIME, nullable=False), pa.field("text", pa.string())])


def test_a_sweep_drops_what_is_a_week_old_and_ours(clickhouse: ClickHouse) -> None:
    client = clickhouse._client
    old = Tables(client, None, Path("/nowhere"), clock=lambda: 1_700_000_000.0)
    new = Tables(client, None, Path("/nowhere"), clock=lambda: 1_700_000_000.0 + 8 * 86_400)
    for tables in (old, new):
        tables.create(tables.named("x"), SCHEMA)
    client.command("CREATE TABLE sekisho_of_somebody (x Int8) ENGINE = MergeTree ORDER BY tuple()")
    new.sweep()
    left = {name for (name,) in client.query("SHOW TABLES").result_rows}
    assert old.named("x") not in left
    assert {new.named("x"), "sekisho_of_somebody"} <= left
    client.command("DROP TABLE sekisho_of_somebody")
    new.clear()
