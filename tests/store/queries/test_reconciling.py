"""What either edge has of the connections between two sites, and what the roll-ups alone explain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.flows import Flag, State
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.reconciling import (
    BLOCKED,
    ELSEWHERE,
    OUTAGE,
    PERHAPS_OUTAGE,
    SAMPLING,
    UNEXPLAINED,
)
from sekisho.store.reconciled import CLASS_SITES, DARK, EDGES, RATES, Compared, Ends

Row = dict[str, Any]
Rows = Callable[..., Row]
Take = Callable[..., bool]
HOUR = 3600
TRY = {"state": State.NO_REPLY, "bytes_in": 0, "packets_in": 0}
TH, JP = 1, 2


def ends(dark: dict[int, int] | None = None, one_in: float = 0, day: int = 0) -> Ends:
    """Sites of the classes 40 and 1; hours in which JP's edge is dark on the day."""
    hours = sum(1 << hour for hour in (dark or {}))
    return Ends(
        pa.table([[40, 1], [TH, JP]], schema=CLASS_SITES),
        pa.table([["th", "jp", "jp2"], [TH, JP, JP]], schema=EDGES),
        pa.table([[JP], [day], [hours]], schema=DARK),
        pa.table([[JP], [one_in]], schema=RATES) if one_in else RATES.empty_table(),
    )


@pytest.fixture
def compare(lake: Lake, take: Take, always: Any, monday: datetime) -> Callable[..., Compared]:
    """What comes of flows at `th` and `jp`."""
    day = (monday - datetime(1970, 1, 1, tzinfo=monday.tzinfo)) // timedelta(microseconds=1)

    def run(there: list[Row], here: list[Row], *, limit: int = 100, **how: Any) -> Compared:
        take(lake, "th", there, "th.log")
        take(lake, "jp", here, "jp.log")
        with lake.stage(None, None) as stage:
            stage.judge(always(Rank.AUTHORIZED))
            return stage.compare(ends(day=day, **how), limit)

    return run


@pytest.fixture
def inside(lake: Lake, take: Take) -> Callable[[list[Row]], None]:
    """Flows at a sensor that is at no edge."""

    def run(rows: list[Row]) -> None:
        take(lake, "core", rows, "core.log")

    return run


def whys(found: Compared) -> dict[int, int]:
    days: Counter[int] = Counter()
    for row in found.uneven.to_pylist():
        days[row["why"]] += row["connection_days"]
    return dict(days)


def many(flow: Rows, count: int = 3, **changes: Any) -> list[Row]:
    return [flow(at=HOUR * (8 + n), sport=n + 1, **changes) for n in range(count)]


def test_what_both_ends_have_is_even_by_the_month(compare: Any, flow: Rows) -> None:
    rows = [*many(flow), flow(at=90_000, sport=9)]
    found = compare(rows, [row | {"bytes_in": 1999} for row in rows])
    assert found.whole.to_pylist() == [
        {"src_site": TH, "dst_site": JP, "connection_days": 2, "flows": 4, "even": 2, "neither": 0}
    ]
    assert found.uneven.num_rows == found.candidates.num_rows == 0


def test_what_one_end_lacks_shows_by_the_day(compare: Any, flow: Rows, monday: datetime) -> None:
    rows = [*many(flow), flow(at=90_000, sport=9), flow(at=100_000, sport=10), flow("10.40.1.1")]
    found = compare(rows, [*many(flow), rows[3], rows[5]])
    assert found.whole["even"].to_pylist() == [2]
    (one,) = found.candidates.to_pylist()
    assert (one["missing_at"], one["site"], one["flows"], one["here"], one["missing"]) == (
        "dst", JP, 2, 1, 1,
    )  # fmt: skip
    assert one["span"] % DAY == 0
    assert one["first"] == monday + timedelta(seconds=90_000)
    assert whys(found) == {UNEXPLAINED: 1}


def test_a_whole_connection_comes_before_parts_of_others(compare: Any, flow: Rows) -> None:
    rows = [*many(flow), flow("10.40.1.1", at=10)]
    found = compare(rows, rows[:1], limit=1)
    assert [row["here"] for row in found.candidates.to_pylist()] == [0]
    assert {row["partly"] for row in found.uneven.to_pylist()} == {True, False}


def test_either_end_may_lack_it(compare: Any, flow: Rows) -> None:
    found = compare([flow("10.40.1.1")], [flow()])
    assert {(row["missing_at"], row["site"]) for row in found.candidates.to_pylist()} == {
        ("src", TH),
        ("dst", JP),
    }


def test_two_sensors_of_an_edge_have_it_together(
    compare: Any, flow: Rows, lake: Lake, take: Take
) -> None:
    rows = many(flow, 4)
    take(lake, "jp2", rows[2:], "jp2.log")
    found = compare(rows, rows[:2])
    assert found.candidates.num_rows == 0


@pytest.mark.parametrize(
    ("dark", "why"),
    [
        ({8: 1, 9: 1, 10: 1}, OUTAGE),
        ({9: 1}, PERHAPS_OUTAGE),
        ({12: 1}, UNEXPLAINED),
    ],
)
def test_dark_hours_explain_what_began_in_them_alone(
    compare: Any, flow: Rows, dark: dict[int, int], why: int
) -> None:
    found = compare(
        [*many(flow), flow("10.40.1.1", at=72_000)], [flow("10.40.1.1", at=72_000)], dark=dark
    )
    assert whys(found) == {why: 1}
    assert found.candidates.num_rows == (why != OUTAGE)


def test_what_was_never_answered_may_have_been_stopped_between(compare: Any, flow: Rows) -> None:
    tries = many(flow, **TRY)
    assert whys(compare([*tries, flow("10.40.1.1")], [flow("10.40.1.1")])) == {BLOCKED: 1}


def test_what_only_the_destination_has_was_stopped_nowhere(compare: Any, flow: Rows) -> None:
    found = compare([flow("10.40.1.1")], [flow("10.40.1.1"), *many(flow, **TRY)])
    assert whys(found) == {UNEXPLAINED: 1}


@pytest.mark.parametrize(
    ("packets", "why"), [(10, SAMPLING), (1_000_000, UNEXPLAINED), (2**62, UNEXPLAINED)]
)
def test_a_sampled_edge_misses_few_packets(compare: Any, flow: Rows, packets: int, why: int) -> None:
    rows = [flow(packets_out=packets, packets_in=packets)]
    assert whys(compare([*rows, flow("10.40.1.1")], [flow("10.40.1.1")], one_in=100.0)) == {why: 1}


def test_a_sampled_edge_may_lack_any_part(compare: Any, flow: Rows) -> None:
    rows = many(flow, packets_out=10**9)
    assert whys(compare(rows, rows[:1], one_in=100.0)) == {SAMPLING: 1}


def test_what_only_others_saw_is_at_neither_edge(compare: Any, flow: Rows, inside: Any) -> None:
    """A sensor inside one of the sites has a connection of its own, and more of another."""
    shared = many(flow)
    inside([*shared, flow(at=90_000, sport=9), flow("10.40.1.1")])
    found = compare(shared, shared)
    assert found.whole.to_pylist() == [
        {"src_site": TH, "dst_site": JP, "connection_days": 3, "flows": 5, "even": 1, "neither": 2}
    ]
    assert found.uneven.num_rows == 0


@pytest.mark.parametrize(("lacking", "why"), [(0, {ELSEWHERE: 2}), (1, {UNEXPLAINED: 1, ELSEWHERE: 1})])
def test_flows_that_others_saw_besides_are_lacking_at_no_end(
    compare: Any, flow: Rows, inside: Any, lacking: int, why: dict[int, int]
) -> None:
    shared = many(flow)
    inside([*shared, flow(at=HOUR * 12, sport=9)])
    found = compare(shared, shared[lacking:])
    assert whys(found) == why
    assert found.uneven["alike"].to_pylist() == [not lacking] * 2


def test_hours_that_an_edge_lacks_are_told(compare: Any, flow: Rows) -> None:
    rows = many(flow)
    found = compare(rows, [rows[0], rows[2]])
    (one,) = found.spread.to_pylist()
    assert (one["site"], one["without"], one["missing"], one["partly"]) == (JP, 1 << 9, 1, 1)


def test_sensors_say_that_they_sample(lake: Lake, take: Take, flow: Rows, always: Any) -> None:
    take(lake, "th", [flow(flags=int(Flag.SAMPLED))], "th.log")
    take(lake, "jp", [flow()], "jp.log")
    with lake.stage(None, None) as stage:
        stage.judge(always(Rank.AUTHORIZED))
        assert stage.sampled() == ["th"]
