from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa
from tests.watch.watched import Watched

from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.store.arrivals import ARRIVED
from sekisho.watch.judging import violations


def test_each_row_is_judged_by_what_held_at_its_time(
    watched: Callable[..., Watched],
    flow: Callable[..., Any],
    register: tuple[Inventory, CompiledPolicy],
) -> None:
    watch = watched()
    expires = 1_591_142_400  # 2020-06-03, when TH-HQ-STOCK has run out.
    monday = 1_709_510_400
    rows = [
        flow("10.40.3.3", "10.1.30.3", 1433, at=expires - monday - 1),
        flow("10.40.3.3", "10.1.30.3", 1433, at=expires - monday + 1),
        flow("10.40.9.9", "10.1.20.5", 445, at=expires - monday + 1),
        flow("10.40.2.10", "10.1.20.5", 8443, at=expires - monday + 1),
        flow("192.168.77.1", "10.1.20.5", 22, at=expires - monday + 1),
        flow("10.40.2.10", "10.40.9.9", 22, at=expires - monday + 1),
    ]
    assert watch.put(watch.lake, "edge", rows, "a.log")
    policy = register[1]
    found = watch.lake.arrivals(0, policy.cuts)
    assert found is not None
    with found:
        rows = violations(found.table, policy).to_pylist()
        plain = [
            (row["port"], policy.verdict(*_ends(row), 6, row["port"], row["first"]))
            for row in found.table.to_pylist()
        ]
    said = sorted((row["port"], Rank(row["decided"])) for row in rows)
    assert said == sorted(one for one in plain if one[1] >= Rank.UNMAPPED)
    assert [rank for _, rank in said] == [Rank.UNMAPPED, Rank.UNAUTHORIZED, Rank.LAPSED]


def _ends(row: dict[str, Any]) -> Any:
    return [(row[f"{e}_realm"], address_of(row[f"{e}_hi"], row[f"{e}_lo"])) for e in ("src", "dst")]


def test_nothing_that_came_is_nothing_found(register: tuple[Inventory, CompiledPolicy]) -> None:
    found = violations(ARRIVED.empty_table(), register[1])
    assert isinstance(found, pa.Table)
    assert found.num_rows == 0
    assert "decided" in found.column_names
    assert isinstance(register[1].cuts[0], datetime)
