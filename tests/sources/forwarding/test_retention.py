from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sekisho.sources.forwarding.retention import doomed
from sekisho.sources.journal.segments import SealedSegment


def some(*sizes: int, begin: int = 100) -> list[SealedSegment]:
    return [
        SealedSegment(Path(f"{begin + place:020d}"), f"{begin + place:020d}", size)
        for place, size in enumerate(sizes)
    ]


def test_forwarded_goes_first_even_where_it_is_younger() -> None:
    pending, forwarded = some(10, 10), some(10, 10, begin=200)
    gone = doomed(pending, forwarded, before=0, limit=20)
    assert (gone.forwarded, gone.pending) == (tuple(forwarded), ())
    gone = doomed(pending, forwarded, before=0, limit=15)
    assert gone.pending == ((pending[0], "size"),)


def test_age_is_told_from_size() -> None:
    pending = some(10, 10, 10)
    gone = doomed(pending, [], before=101, limit=10)
    assert [why for _, why in gone.pending] == ["age", "size"]
    assert doomed(pending, [], before=10**9, limit=100, clock_holds=False).pending == ()
    assert len(doomed([], pending, before=10**9, limit=100, clock_holds=False).forwarded) == 3


@given(
    st.lists(st.integers(0, 50), max_size=20),
    st.lists(st.integers(0, 50), max_size=20),
    st.integers(90, 130),
    st.integers(0, 500),
)
def test_what_stays_fits_and_no_more_goes_than_must(
    pending_sizes: list[int], forwarded_sizes: list[int], before: int, limit: int
) -> None:
    pending, forwarded = some(*pending_sizes), some(*forwarded_sizes)
    gone = doomed(pending, forwarded, before=before, limit=limit)
    lost = [one for one, _ in gone.pending]
    assert pending[: len(lost)] == lost, "what is lost is the oldest, without a hole"
    kept = pending[len(lost) :], forwarded[len(gone.forwarded) :]
    assert sum(one.size for part in kept for one in part) <= limit
    assert all(one.begun_at >= before for part in kept for one in part)
    if lost and lost[-1].begun_at >= before:
        assert not kept[1]
        assert sum(one.size for one in kept[0]) + lost[-1].size > limit
