from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from sekisho.audit.evidence import (
    KEYS,
    coverage_of,
    key_of,
    neighbours,
    older_than,
    rows_of,
    views_of,
    window_of,
)
from sekisho.inventory.register import Inventory
from sekisho.model.findings import AuditDocument
from sekisho.store.lake import Lake

JUNE_1 = datetime(2020, 6, 1, tzinfo=UTC)
NOW = datetime(2020, 6, 8, tzinfo=UTC)
TIME = pa.timestamp("us", "UTC")


def test_an_open_side_of_the_window_is_where_evidence_ends(lake: Lake, inventory: Inventory) -> None:
    coverage = coverage_of(lake, inventory, now=NOW)
    asked = JUNE_1 + timedelta(days=2)
    assert window_of(coverage, None, None).model_dump() == {
        "begin": JUNE_1,
        "end": JUNE_1 + timedelta(days=6),
    }
    assert window_of(coverage, asked, None).begin == asked
    wider = coverage_of(lake, inventory, now=NOW, begin=JUNE_1 - timedelta(days=1))
    assert window_of(wider, None, None).begin == JUNE_1 - timedelta(days=1)


@pytest.mark.parametrize("unit", ["s", "us"])
def test_rows_are_those_of_arrow(unit: str) -> None:
    days = [JUNE_1, None, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
    table = pa.table({"at": pa.array(days, pa.timestamp(unit, "UTC")), "n": [1, None, 3, 4]})
    both = pa.concat_tables([table, table.slice(0, 0), table])
    assert rows_of(both) == both.to_pylist()
    assert rows_of(table)[0]["at"].utcoffset() == timedelta(0)
    assert rows_of(table.slice(0, 0)) == []


def test_older_than_the_window(lake: Lake, asked: Callable[..., pa.Table]) -> None:
    table = lake.first_last(asked("10.40.3.3", "10.1.30.3", 1433))
    first = JUNE_1 + timedelta(hours=12)
    assert list(older_than(table, first + timedelta(seconds=1)).values()) == [first]
    assert older_than(table, first) == {}, "what begins with the window is not older"


def test_views_are_grouped_by_connection(asked: Callable[..., pa.Table]) -> None:
    keys = asked("10.40.9.9", "10.1.10.96", 445)
    other = asked("10.40.9.9", "10.1.10.97", 445)
    rows = pa.concat_tables([keys, keys, other])
    never = pa.array([None, JUNE_1, None], TIME)
    table = rows.append_column("sensor", pa.array(["a", "b", "a"]))
    for name, values in (("flows", [1, 2, 3]), ("established", [0, 2, 0])):
        table = table.append_column(name, pa.array(values))
    for name in ("first", "last"):
        table = table.append_column(name, pa.array([JUNE_1] * 3, TIME))
    found = views_of(table.append_column("first_established", never))
    mine = found[key_of(keys.to_pylist()[0])]
    assert [(v.sensor, v.flows, v.first_established) for v in mine] == [
        ("a", 1, None),
        ("b", 2, JUNE_1),
    ]
    assert len(found) == 2
    assert len(KEYS) == keys.num_columns


def test_neighbours_share_an_end_and_are_no_findings(lake: Lake, audited: AuditDocument) -> None:
    stock = [f for f in audited.findings if f.port == 4840]
    found = neighbours(lake, stock)
    assert {(n.src[1], n.dst[1], n.protocol, n.port) for n in found} == {
        ("10.40.2.10", "10.1.20.5", "tcp", 8443)
    }
    assert neighbours(lake, []) == []
