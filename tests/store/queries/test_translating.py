"""In roll-ups the original ends stand; records stay as they were logged, and are rebuilt when that changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from sekisho.model.addresses import key, parse_address
from sekisho.model.verdicts import Rank
from sekisho.store.base import SensorTraits, Translated
from sekisho.store.lake import Lake

Row = dict[str, Any]


def seen_as(translated: str, original: str, **limits: int) -> Translated:
    return Translated("", *key(parse_address(translated)), *key(parse_address(original)), **limits)


def test_views_before_and_after_are_one_flow(
    lake: Lake,
    take: Callable[..., bool],
    flow: Callable[..., Row],
    always: Any,
    asked: Callable[..., pa.Table],
) -> None:
    take(lake, "th", [flow(), flow(at=40_000, sport=7)], "th.log")
    take(lake, "jp", [flow("172.31.0.9"), flow("172.31.0.9", at=40_000, sport=7)], "jp.log")

    def connections(*translated: Translated) -> list[int]:
        lake.refresh({"jp": SensorTraits(translated=translated), "th": SensorTraits()})
        with lake.stage(None, None) as stage:
            stage.judge(always(Rank.UNAUTHORIZED))
            return sorted(stage.judged()["flows"].to_pylist())

    assert connections() == [2, 2]
    assert connections(seen_as("172.31.0.9", "10.40.9.9")) == [2]
    rows = lake.flows_of(asked("10.40.9.9", "10.1.0.5", 445)).flows
    assert rows.num_rows == 4
    logged = key(parse_address("172.31.0.9"))[1]
    assert {row["sensor"] for row in rows.to_pylist() if row["src_lo"] == logged} == {"jp"}
    assert connections(seen_as("172.31.0.9", "10.40.9.9", low_port=50_000)) == [1, 2]
    assert connections() == [2, 2], "what the table says no more is undone"
