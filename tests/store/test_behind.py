from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from sekisho.model.addresses import key, parse_address
from sekisho.model.flows import Orientation
from sekisho.store.history import ENDS
from sekisho.store.lake import Lake
from sekisho.store.queries.columns import DAY

A, B, OTHER = "10.40.2.10", "10.1.20.5", "10.1.20.6"


def ends(*addresses: str) -> pa.Table:
    keys = [key(parse_address(address)) for address in addresses]
    return pa.table([[""] * len(keys), [hi for hi, _ in keys], [lo for _, lo in keys]], schema=ENDS)


def test_only_days_that_are_behind_and_what_is_known_to_be_opened(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Any], monday: Any
) -> None:
    today = int(monday.timestamp()) * 1_000_000 // DAY
    take(lake, "edge", [flow(A, B, 22, at=-2 * 86_400)], "old")
    lake.refresh({})
    rows = [
        flow(A, B, 23, at=-86_400),
        flow(A, B, 23, at=-86_300, sport=9),
        flow(A, B, 25, at=-86_400, orientation=Orientation.GUESS),
        flow(B, A, 26, at=-86_400),
        flow(A, OTHER, 27, at=9),
    ]
    take(lake, "edge", rows, "new")
    found = lake.begun_since(ends(A), today)
    assert found is not None
    assert [(row["port"], row["flows"]) for row in found.to_pylist()] == [(23, 2)]
    assert lake.begun_since(ends(A), today, most=0) is None
    lake.refresh({})
    assert lake.begun_since(ends(A), today, most=0) == found.slice(0, 0)
