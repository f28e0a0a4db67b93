from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sekisho.sources.forwarding.lanes import LAG, divide
from sekisho.sources.journal.segments import SealedSegment


def some(*numbers: int) -> list[SealedSegment]:
    return [SealedSegment(Path(f"{n:020d}.journal"), f"{n:020d}", 1) for n in sorted(numbers)]


def test_all_is_live_while_it_keeps_up() -> None:
    pending = some(10, 20, 30)
    lanes = divide(pending, "", 30)
    assert (lanes.boundary, lanes.live, lanes.late) == ("", tuple(pending), ())


def test_a_returning_site_is_live_at_its_newest_segment() -> None:
    pending = some(1, 2, LAG * 10, LAG * 10 + 5)
    lanes = divide(pending, "", LAG * 10 + 6)
    assert lanes.live == tuple(pending[-1:])
    assert lanes.late == tuple(pending[:-1])
    later = divide([*pending, *some(LAG * 10 + 9)], lanes.boundary, LAG * 10 + 10)
    assert [one.begun_at for one in later.live] == [LAG * 10 + 5, LAG * 10 + 9]
    assert later.late == lanes.late


@given(st.sets(st.integers(0, 10 * LAG)), st.integers(0, 10 * LAG), st.integers(0, 20 * LAG))
def test_each_is_in_one_lane_in_order(numbers: set[int], boundary: int, now: int) -> None:
    pending = some(*numbers)
    lanes = divide(pending, f"{boundary:020d}", now)
    assert [*lanes.late, *lanes.live] == pending
    assert not lanes.live or len(lanes.live) == 1 or now - lanes.live[0].begun_at <= LAG
    assert all(one.name < lanes.boundary for one in lanes.late)
