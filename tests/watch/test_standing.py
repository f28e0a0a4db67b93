from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sekisho.watch.alerts import Change
from sekisho.watch.standing import GROWTH, Answer, Extent, Standing, Step, answer, step

AT = datetime(2024, 3, 4, 10, tzinfo=UTC)
ONE = Extent(1, 1, 1, 1, 1, 1000, 1, AT)
ACK = Answer(5, "acknowledge", "aiko", "known")


def told(extent: Extent = ONE) -> Standing:
    made = step(Standing(), extent, "", AT)
    assert made.change == "raised"
    return made.standing


def test_it_is_raised_once() -> None:
    again = step(told(), replace(ONE, flows=9, last=AT + timedelta(minutes=1)), "", AT)
    assert again.change is None
    assert again.standing.revision == 1


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (replace(ONE, established=0), ONE, "escalated"),
        (ONE, replace(ONE, severity=0), "escalated"),
        (ONE, replace(ONE, connections=2, established=2, sources=2), "escalated"),
        (ONE, replace(ONE, amended=1), "amended"),
        (ONE, replace(ONE, connections=0), "withdrawn"),
        (ONE, replace(ONE, last=AT + timedelta(days=8)), "returned"),
        (ONE, replace(ONE, connections=3), None),
        (ONE, replace(ONE, volume=10**9), None),
    ],
)
def test_what_is_worse_is_told_at_once(before: Extent, after: Extent, change: Change | None) -> None:
    made = step(told(before), after, "", AT + timedelta(seconds=2))
    assert made.change == change
    assert made.standing.revision == (2 if change else 1)


def test_more_of_the_same_is_told_when_it_is_due() -> None:
    more = replace(ONE, connections=2)
    waits = step(told(), more, "", AT + timedelta(seconds=2))
    assert (waits.change, waits.due) == (None, AT + GROWTH)
    assert step(waits.standing, more, "", AT + GROWTH, seen=False).change == "grown"


def test_a_slow_drip_does_not_come_back_each_time() -> None:
    standing = told()
    for day in range(1, 20):
        made = step(standing, replace(ONE, last=AT + timedelta(days=day)), "", AT)
        standing = made.standing
        assert made.change is None


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (replace(ONE, established=1), "an attempt was established"),
        (replace(ONE, established=0, destinations=3), "2 new destinations"),
        (replace(ONE, established=0, volume=20_000_000), "10 times its volume"),
        (replace(ONE, established=0, connections=9, flows=99), None),
        (replace(ONE, established=0, volume=2_000_000), None),
    ],
)
def test_what_is_acknowledged_is_told_again_only_where_its_kind_changes(
    after: Extent, why: str | None
) -> None:
    base = replace(ONE, established=0)
    standing = answer(told(base), ACK, base)
    made = step(standing, after, "", AT + timedelta(hours=1))
    assert made.change == ("changed" if why else None)
    assert made.reasons == ((why,) if why else ())


def test_the_same_answer_counts_once() -> None:
    base = replace(ONE, established=0)
    made = step(answer(told(base), ACK, base), ONE, "", AT)
    assert made.standing.answer is None
    assert answer(made.standing, ACK, ONE).answer is None
    assert answer(made.standing, replace(ACK, seq=6), ONE).answer is not None
    assert answer(answer(told(), ACK, ONE), None, ONE).answer is None


def test_a_snooze_ends_with_the_next_record_after_it() -> None:
    until = AT + timedelta(hours=1)
    standing = answer(told(), Answer(5, "snooze", "aiko", "later", until), ONE)
    more = replace(ONE, flows=2)
    assert step(standing, more, "", AT + timedelta(minutes=59)).change is None
    assert step(standing, more, "", until, seen=False).change is None
    assert step(standing, more, "", until).change == "resumed"


def test_in_maintenance_it_is_kept_and_told_after_it_where_it_goes_on() -> None:
    muted = step(Standing(), ONE, "M-1", AT)
    assert (muted.change, muted.standing.muted) == (None, "M-1")
    assert step(muted.standing, ONE, "M-1", AT, seen=False).change is None
    after = step(muted.standing, replace(ONE, flows=2), "", AT + timedelta(hours=1))
    assert (after.change, after.standing.muted, after.standing.revision) == ("resumed", "", 1)


def test_what_was_never_told_is_not_withdrawn_aloud() -> None:
    made = step(Standing(), replace(ONE, connections=0), "", AT)
    assert made.change is None
    assert made.standing.withdrawn


def test_it_reads_back_as_what_was_kept() -> None:
    until = AT + timedelta(hours=1)
    full = answer(told(), Answer(5, "snooze", "aiko", "later", until), ONE)
    for standing in (Standing(), told(), full, replace(full, muted="M-1", spent=4)):
        assert Standing.from_json(standing.to_json()) == standing
    assert Step(Standing()).reasons == ()
