"""Judging, rule by rule: what each flow is, what its connection is, and what counts in a finding."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from sekisho.model.flows import Flag, State
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake

Row = dict[str, Any]
Rows = Callable[..., Row]
DAY = 86_400
TRY = {"state": State.NO_REPLY, "bytes_in": 0, "packets_in": 0}
DENIED = TRY | {"state": State.DENIED, "bytes_out": 10_000}
RESET = TRY | {"bytes_out": 10_000, "flags": int(Flag.RESET)}


@pytest.mark.parametrize("decided", list(Rank))
@pytest.mark.parametrize(
    ("changes", "established"),
    [
        ({}, True),
        (TRY, False),
        (TRY | {"bytes_out": 4095}, False),
        (TRY | {"bytes_out": 4096}, True),
        (DENIED, False),
        (RESET, False),
    ],
)
def test_what_was_never_established_is_an_attempt_where_it_is_not_permitted(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    always: Callable[..., Any],
    decided: Rank,
    changes: Row,
    established: bool,
) -> None:
    take(lake, "edge", [flow(**changes)])
    refused = decided in (Rank.LAPSED, Rank.UNAUTHORIZED)
    wanted = Rank.ATTEMPTED if refused and not established else decided
    with lake.stage(None, None) as stage:
        found = stage.judge(always(decided))
    assert found.totals.to_pylist() == [{"rank": wanted, "connections": 1, "flows": 1}]
    assert found.violations["rank"].to_pylist() == ([wanted] if wanted >= Rank.UNMAPPED else [])


@pytest.mark.parametrize(
    ("when", "wanted"),
    [([0, 100], Rank.UNAUTHORIZED), ([0, 80_000], Rank.UNAUTHORIZED), ([0, DAY], Rank.ATTEMPTED)],
)
@pytest.mark.parametrize("cut", [None, 40_000])
def test_volume_one_way_is_a_connection_days_however_the_day_is_cut(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    plan: Callable[..., Any],
    monday: datetime,
    when: list[int],
    wanted: Rank,
    cut: int | None,
) -> None:
    take(lake, "edge", [flow(at=at, **TRY | {"bytes_out": 3000}) for at in when])
    at = None if cut is None else monday + timedelta(seconds=cut)
    held = [(None, at, Rank.UNAUTHORIZED), *([(at, None, Rank.UNAUTHORIZED)] if at else [])]
    with lake.stage(None, None) as stage:
        found = stage.judge(plan({(40, 1): held})).violations.to_pylist()
    assert [row["rank"] for row in found] == [wanted]
    counted = wanted is Rank.UNAUTHORIZED
    assert [row["established"] for row in found] == [2 if counted else 0]
    assert [row["first_established"] for row in found] == [monday if counted else None]


def test_a_finding_counts_its_violating_flows_alone_and_the_tries_before(
    lake: Lake, take: Callable[..., bool], flow: Rows, plan: Callable[..., Any], monday: datetime
) -> None:
    """Permitted until Tuesday noon, then not: an attempt, then one that succeeds, then a day later."""
    noon = DAY + 43_200
    late = [flow(at=noon, **TRY), flow(at=noon + 9, bytes_out=7), flow(at=3 * DAY, bytes_out=70)]
    take(lake, "edge", [flow(at=1), flow(at=noon - 0.000001, bytes_out=99), *late])
    cut = monday + timedelta(seconds=noon)
    with lake.stage(None, None) as stage:
        judged = stage.judge(plan({(40, 1): [(None, cut, Rank.AUTHORIZED), (cut, None, Rank.LAPSED)]}))
        (first_last,) = stage.judged().to_pylist()
    (row,) = judged.violations.to_pylist()
    assert (row["rank"], row["flows"], row["established"], row["days_active"]) == (Rank.LAPSED, 3, 2, 2)
    assert (row["first_seen"], row["first_established"]) == (cut, cut + timedelta(seconds=9))
    assert row["last_seen"] == late[-1]["end"]
    assert row["bytes_out"] == 1000 + 7 + 70
    assert first_last["first"] == monday + timedelta(seconds=1)
    assert judged.totals.to_pylist() == [
        {"rank": Rank.AUTHORIZED, "connections": None, "flows": 2},
        {"rank": Rank.ATTEMPTED, "connections": None, "flows": 1},
        {"rank": Rank.LAPSED, "connections": 1, "flows": 2},
    ]


def test_the_ends_are_those_of_the_first_of_the_worst_as_in_the_links(
    lake: Lake, take: Callable[..., bool], flow: Rows, plan: Callable[..., Any], monday: datetime
) -> None:
    """In no site until Wednesday, when it is unmapped; then in one."""
    take(lake, "edge", [flow(at=1), flow(at=2 * DAY + 5), flow(at=3 * DAY)])
    cut = monday + timedelta(days=2)
    early, late = {"10.40.0.0/16": 40}, {"10.40.0.0/16": 40, "10.1.0.0/16": 1}
    held = {(40, 0): [(None, None, Rank.UNMAPPED)], (40, 1): [(None, None, Rank.UNAUTHORIZED)]}
    with lake.stage(None, None) as stage:
        found = stage.judge(plan(held, (early, late), [cut]))
    (row,) = found.violations.to_pylist()
    assert (row["rank"], row["flows"], row["first_seen"].day) == (Rank.UNAUTHORIZED, 3, 4)
    assert (row["src_class"], row["dst_class"]) == (40, 1)
    assert row["judged_at"] == cut + timedelta(seconds=5)
    assert [(link["dst_class"], link["connections"]) for link in found.links.to_pylist()] == [(1, 1)]


def test_totals_add_up_and_links_do_too(
    lake: Lake, take: Callable[..., bool], flow: Rows, always: Callable[..., Any]
) -> None:
    rows = [flow(dst=f"10.1.0.{n}", **(TRY if n % 3 else {})) for n in range(9)]
    take(lake, "edge", [*rows, flow("10.9.9.9", "10.8.8.8"), flow("10.9.9.9", "10.8.8.8", at=DAY)])
    with lake.stage(None, None) as stage:
        found = stage.judge(always(Rank.UNAUTHORIZED))
    totals = {row["rank"]: (row["connections"], row["flows"]) for row in found.totals.to_pylist()}
    assert totals == {Rank.INTRA_SITE: (1, 2), Rank.ATTEMPTED: (6, 6), Rank.UNAUTHORIZED: (3, 3)}
    links = {
        (row["src_class"], row["dst_class"], row["rank"]): (row["connections"], row["flows"])
        for row in found.links.to_pylist()
    }
    assert links == {
        (0, 0, Rank.INTRA_SITE): (1, 2),
        (40, 1, Rank.ATTEMPTED): (6, 6),
        (40, 1, Rank.UNAUTHORIZED): (3, 3),
    }
