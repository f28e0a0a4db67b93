"""Losses by sequence numbers, against a plain account of what was dropped."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.sources.netflow.sequence import JUMP, LATE, Sequence

ALL = 1 << 32


def taken(
    sequence: Sequence, numbers: list[int], units: list[int], known: list[bool] | None = None
) -> None:
    sequence.take(
        np.array(numbers, dtype=np.int64),
        np.array(units, dtype=np.int64),
        np.array(known if known is not None else [True] * len(numbers), dtype=np.bool_),
    )


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.booleans()), min_size=1, max_size=60),
    st.integers(0, ALL - 1),
    st.integers(1, 20),
)
def test_what_was_dropped_between_others_is_lost(
    sent: list[tuple[int, bool]], begin: int, size: int
) -> None:
    """The number wraps on the way; the stream comes in batches of `size`."""
    numbers, at = [], begin
    for units, _ in sent:
        numbers.append(at % ALL)
        at += units
    came = [place for place, (_, here) in enumerate(sent) if here]
    sequence = Sequence()
    for part in range(0, len(came), size):
        some = came[part : part + size]
        taken(sequence, [numbers[p] for p in some], [sent[p][0] for p in some])
    inside = range(came[0], came[-1]) if came else range(0)
    assert sequence.lost == sum(sent[p][0] for p in inside if not sent[p][1])
    assert sequence.received == sum(sent[p][0] for p in came)
    assert (sequence.late, sequence.restarts) == (0, 0)


def test_what_comes_late_is_not_lost() -> None:
    sequence = Sequence()
    taken(sequence, [0, 10, 30, 20, 40], [10] * 5)
    assert (sequence.lost, sequence.late, sequence.received) == (0, 1, 50)


def test_a_copy_makes_no_loss_good() -> None:
    sequence = Sequence()
    taken(sequence, [0, 10, 10, 20], [10] * 4)
    assert (sequence.lost, sequence.late) == (0, 1)


def test_a_new_beginning_is_no_loss() -> None:
    sequence = Sequence()
    taken(sequence, [LATE * 3, 0, 10, JUMP * 5, JUMP * 5 + 10], [10] * 5)
    assert (sequence.lost, sequence.restarts) == (0, 2)


def test_after_unknown_content_no_gap_is_counted() -> None:
    sequence = Sequence()
    taken(sequence, [0, 10, 500], [10, 0, 10], [True, False, True])
    assert sequence.lost == 0
    taken(sequence, [520], [1])
    assert sequence.lost == 10


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 2)), min_size=2, max_size=60),
    st.integers(0, ALL - 1),
    st.integers(1, 20),
    st.booleans(),
)
def test_either_way_of_counting_is_found_out_and_tells_no_loss_where_none_is(
    sent: list[tuple[int, int]], begin: int, size: int, own: bool
) -> None:
    """Numbers that count the message's own flows, or all records before it, as they should."""
    numbers, at = [], begin
    for flows, options in sent:
        numbers.append((at + flows if own else at) % ALL)
        at += flows if own else flows + options
    sequence = Sequence()
    for part in range(0, len(sent), size):
        flows = np.array([f for f, _ in sent[part : part + size]])
        units = np.array([f + o for f, o in sent[part : part + size]])
        known = np.ones(len(flows), dtype=np.bool_)
        sequence.take(np.array(numbers[part : part + size]), units, known, flows)
    assert (sequence.lost, sequence.late, sequence.restarts) == (0, 0, 0)
    assert sequence.own in (own, None)
    if len({flows for flows, _ in sent}) > 1 and not any(options for _, options in sent):
        assert sequence.own is own


def test_a_loss_is_still_one_where_numbers_count_the_messages_own() -> None:
    sequence = Sequence()

    def take(*pairs: tuple[int, int], known: bool = True) -> None:
        numbers, flows = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
        sequence.take(numbers, flows, np.full(len(flows), known), flows)

    take((10, 10), (15, 5), (35, 20))
    assert sequence.own is True
    take((75, 10))
    assert (sequence.lost, sequence.late) == (30, 0)
    take((65, 30))
    assert (sequence.lost, sequence.late) == (0, 1)
    # What nobody could decode says where it ends, but not how much it was.
    take((175, 0), known=False)
    take((185, 10))
    assert sequence.lost == 0


def test_one_loss_does_not_pass_for_another_way_of_counting() -> None:
    sequence = Sequence()
    for numbers, held in (([0, 30, 60], [30, 1, 30]), ([90, 97], [7, 30])):
        sizes = np.array(held)
        sequence.take(np.array(numbers), sizes, np.ones(len(held), dtype=np.bool_), sizes)
    assert (sequence.own, sequence.lost) == (False, 29)
