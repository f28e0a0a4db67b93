from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.audit.stretches import Stretch, hour_after, hour_of, instant, meet, minus, runs, union

sets = st.frozensets(st.integers(-5, 30))


def hours(stretches: list[Stretch]) -> set[int]:
    found = [hour for begin, end in stretches for hour in range(begin, end)]
    assert len(found) == len(set(found))
    assert found == sorted(found)
    return set(found)


@given(sets, sets)
@settings(max_examples=100, deadline=None)
def test_stretches_behave_like_sets_of_hours(left: frozenset[int], right: frozenset[int]) -> None:
    a, b = runs(sorted(left)), runs(sorted(right))
    assert hours(a) == left
    assert hours(meet(a, b)) == left & right
    assert hours(minus(a, b)) == left - right
    assert hours(union([*b, *a])) == left | right


def test_union_drops_empty_stretches_and_joins_neighbours() -> None:
    assert union([(5, 5), (3, 4), (1, 3), (9, 8)]) == [(1, 4)]


def test_hours_and_instants() -> None:
    at = datetime(2024, 3, 1, 5, 30, tzinfo=UTC)
    assert instant(hour_of(at)) == at.replace(minute=0)
    assert instant(hour_after(at)) == at.replace(hour=6, minute=0)
    assert hour_after(at.replace(minute=0)) == hour_of(at)
    assert hour_of(datetime(1969, 12, 31, 23, 59, tzinfo=UTC)) == -1
    assert instant(-1) + timedelta(hours=1) == instant(0)
