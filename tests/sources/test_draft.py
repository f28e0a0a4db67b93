from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from sekisho.model.flows import SOURCE_SCHEMA, Flag
from sekisho.sources.base import ReadContext
from sekisho.sources.draft import NO_ICMP, Draft
from sekisho.sources.times import FIRST, LAST, micros_of


def numbers(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


@pytest.fixture
def draft(context: ReadContext, strings: Callable[..., Any]) -> Draft:
    """Two good flows, rows 7 and 8."""
    draft = Draft(numbers(7, 8), context)
    at = micros_of(context.now)
    draft.times(numbers(at, at), np.array([False, False]), numbers(at, at + 5))
    draft.address("src", strings("10.0.0.1", "2001:db8::1"), "source")
    draft.address("dst", strings("10.0.0.2", "2001:db8::2"), "destination")
    draft.protocol(numbers(6, 17), "proto")
    draft.ports(numbers(1, 2), numbers(443, 53), ("sp", "dp"))
    return draft


def test_a_whole_draft_keeps_all(draft: Draft) -> None:
    table, failed, kept = draft.finish()
    assert table.schema.equals(SOURCE_SCHEMA)
    assert (table.num_rows, failed, kept) == (2, [], None)
    assert table["row"].to_pylist() == [7, 8]
    assert len(draft) == 2


def test_the_first_reason_is_the_one_told(draft: Draft) -> None:
    draft.reject(np.array([False, True]), "first")
    draft.reject(np.array([True, True]), "second")
    draft.reject(np.array([False, False]), "never")
    table, failed, kept = draft.finish()
    assert failed == [(0, "second"), (1, "first")]
    assert table.num_rows == 0
    assert kept is not None


def test_times_outside_the_calendar_and_the_clock(draft: Draft, context: ReadContext) -> None:
    tomorrow = micros_of(context.now + timedelta(days=2))
    draft.times(numbers(tomorrow, LAST + 1), np.array([False, False]), numbers(FIRST - 9, 0))
    assert draft.flags.tolist()[0] & (Flag.FUTURE | Flag.IMPOSSIBLE_TIME) == (
        Flag.FUTURE | Flag.IMPOSSIBLE_TIME
    )
    _, failed, _ = draft.finish()
    assert [index for index, _ in failed] == [1]


def test_ports_only_where_the_protocol_has_them(draft: Draft) -> None:
    draft.protocol(numbers(47, 6), "proto")
    draft.ports(numbers(-1, 0), numbers(99999, 65536), ("sp", "dp"))
    _, failed, _ = draft.finish()
    assert failed == [(1, "dp is over 65535")]
    assert draft.columns["dst_port"][0] == 0


def test_icmp_only_for_icmp(draft: Draft) -> None:
    draft.protocol(numbers(1, 6), "proto")
    draft.icmp(numbers(3, 3), numbers(1, 1))
    assert draft.columns["icmp"].tolist() == [769, NO_ICMP]


def test_exchange_turns_everything_round_and_says_so(draft: Draft) -> None:
    before = {name: draft.columns[name].copy() for name in ("src_lo", "dst_lo", "src_port", "dst_port")}
    draft.columns["bytes_out"] = numbers(10, 20)
    draft.exchange(np.array([True, False]))
    assert draft.columns["src_lo"].tolist() == [before["dst_lo"][0], before["src_lo"][1]]
    assert draft.columns["dst_port"].tolist() == [before["src_port"][0], before["dst_port"][1]]
    assert draft.columns["bytes_in"].tolist() == [10, 0]
    assert draft.flags.tolist() == [int(Flag.REVERSED), 0]


def test_rows_that_are_no_flows_are_neither_kept_nor_failed(draft: Draft) -> None:
    draft.ignore(np.array([True, False]))
    draft.reject(np.array([True, True]), "broken")
    table, failed, kept = draft.finish()
    assert table.num_rows == 0
    assert failed == [(1, "broken")]
    assert kept is not None
    assert kept.tolist() == [False, False]
    assert draft.ignored == 1
