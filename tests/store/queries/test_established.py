"""Established or not, case by case as the rules of judging have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.flows import Flag, State
from sekisho.store.engines.duckdb import DuckDB
from sekisho.store.queries.established import BLOCKED, ESTABLISHED

UDP, ICMP, MOST = 17, 1, 2**63 - 1
UNKNOWN = {"state": State.UNKNOWN}
SILENT = UNKNOWN | {"bytes_in": 0, "packets_in": 0}
RESETS = UNKNOWN | {"bytes_out": 60, "bytes_in": 80, "packets_in": 2}


@pytest.fixture
def judged(
    engine: DuckDB, flow: Callable[..., dict[str, Any]], table: Callable[..., pa.Table]
) -> Callable[..., tuple[bool, bool]]:
    def ask(**changes: Any) -> tuple[bool, bool]:
        engine.register("flows", table([flow(**changes)], "edge"))
        found = engine.fetch(f"SELECT {ESTABLISHED} AS yes, {BLOCKED} AS blocked FROM flows")
        return found["yes"][0].as_py(), found["blocked"][0].as_py()

    return ask


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"state": State.ESTABLISHED, "bytes_in": 0}, True),
        ({"state": State.NO_REPLY}, False),
        ({"state": State.REJECTED}, False),
        ({"state": State.DENIED, "bytes_in": 10**9}, False),
        (UNKNOWN, True),
        (SILENT, False),
        (UNKNOWN | {"bytes_out": 0}, False),
        (RESETS, False),
        (RESETS | {"bytes_in": 81}, True),
        (RESETS | {"bytes_in": 120, "src": "2001:db8::1", "dst": "2001:db8::2"}, False),
        (RESETS | {"payload_in": 1}, True),
        (RESETS | {"payload_out": 0, "payload_in": 0}, False),
        (UNKNOWN | {"protocol": UDP}, True),
        (SILENT | {"protocol": UDP}, False),
        (SILENT | {"protocol": ICMP, "packets_in": 1}, True),
    ],
)
def test_a_two_way_row(judged: Callable[..., Any], changes: dict[str, Any], wanted: bool) -> None:
    assert judged(**changes)[0] is wanted


def test_refused_denied_and_reset_rows_count_no_volume(judged: Callable[..., Any]) -> None:
    for state in State:
        assert judged(state=state)[1] is (state in (State.REJECTED, State.DENIED))
        assert judged(state=state, flags=int(Flag.RESET))[1]


@pytest.mark.parametrize("counts", [{"packets_in": MOST}, {"bytes_in": MOST, "bytes_in_spread": MOST}])
@pytest.mark.parametrize("one_way", [0, int(Flag.ONE_WAY)])
def test_counts_too_large_to_be_true_stop_nobodys_day(
    lake: Any,
    take: Callable[..., bool],
    flow: Callable[..., dict[str, Any]],
    connection_days: Callable[..., list[dict[str, Any]]],
    counts: dict[str, int],
    one_way: int,
) -> None:
    take(lake, "edge", [flow(**UNKNOWN, flags=one_way, **counts), flow(dst="10.1.0.6", **UNKNOWN)])
    assert sorted(row["flows"] for row in connection_days(lake)) == [1, 1]
