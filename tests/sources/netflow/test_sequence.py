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
