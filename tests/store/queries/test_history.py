"""Questions about single connections, and the raw records behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from sekisho.model.flows import Flag, Orientation
from sekisho.store.lake import Lake

Row = dict[str, Any]
DAY = 86_400
SRC, DST = "10.40.9.9", "10.1.0.5"


def test_records_come_either_way_round_with_their_file_and_each_once(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row], asked: Callable[..., pa.Table]
) -> None:
    half = {"flags": int(Flag.ONE_WAY), "bytes_in": 0, "packets_in": 0}
    there, back = (
        flow(at=1, **half),
        flow(DST, SRC, 50_000, 2, sport=445, orientation=Orientation.GUESS, **half),
    )
    other = flow(at=3, port=446)
    take(lake, "edge", [there, back, other], "edge.log")
    take(lake, "core", [flow(at=1.5, uid="C1"), flow(at=1.5, uid="C1", lasts=9)], "core.log")
    found = lake.flows_of(asked(SRC, DST, 445))
    assert found.total == 3
    assert found.flows["path"].to_pylist() == ["edge.log", "core.log", "edge.log"]
    assert found.flows["row"].to_pylist() == [1, 2, 2], "the last word on a uid stands"
    listed = dict(
        zip(lake.files()["path"].to_pylist(), lake.files()["content_sha256"].to_pylist(), strict=True)
    )
    assert found.flows["sha256"].to_pylist() == [listed[p] for p in found.flows["path"].to_pylist()]


def test_a_uid_means_nothing_across_realms(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row], asked: Callable[..., pa.Table]
) -> None:
    rows = [flow(at=1, uid="C1"), flow(at=2, uid="C1", src_realm="acquired", lasts=99)]
    take(lake, "edge", rows)
    both = asked(SRC, DST, 445)
    acquired = both.set_column(0, "src_realm", pa.array(["acquired"]))
    assert lake.flows_of(both).total == 1
    assert lake.flows_of(acquired).total == 1
    assert lake.flows_of(pa.concat_tables([both, acquired])).total == 2


def test_limits_hold_for_all_and_for_each_connection(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row], asked: Callable[..., pa.Table]
) -> None:
    take(lake, "edge", [flow(at=n, port=445 + n % 2) for n in range(10)])
    two = pa.concat_tables([asked(SRC, DST, 445), asked(SRC, DST, 446)])
    found = lake.flows_of(two, limit=5, each=2)
    assert found.total == 10
    assert found.flows["dst_port"].to_pylist() == [445, 446, 445, 446]
    assert lake.flows_of(two, limit=3).flows["dst_port"].to_pylist() == [445, 446, 445]


def test_touching_counts_each_connection_once_and_the_busiest_first(
    lake: Lake, take: Callable[..., bool], flow: Callable[..., Row], asked: Callable[..., pa.Table]
) -> None:
    rows = [flow(at=n) for n in range(3)] + [flow(DST, SRC, 22, DAY), flow(SRC, "10.1.0.9", 1, 5)]
    for sensor in ("edge", "core"):
        take(lake, sensor, [*rows, flow("10.9.9.9", "10.8.8.8")], f"{sensor}.log")
    ends = asked(SRC, DST, 1)
    both = pa.concat_tables(
        [
            ends.select([f"{end}_{n}" for n in ("realm", "hi", "lo")]).rename_columns(
                ["realm", "hi", "lo"]
            )
            for end in ("src", "dst")
        ]
    )
    assert lake.touching(both)["flows"].to_pylist() == [3, 1, 1]
    assert lake.touching(both, limit=1)["port"].to_pylist() == [445]
    (first,) = lake.first_last(asked(SRC, DST, 445)).to_pylist()
    assert (first["last"] - first["first"]).total_seconds() == 4
