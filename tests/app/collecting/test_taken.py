from __future__ import annotations

import pyarrow as pa

from sekisho.app.collecting.taken import MOST_REJECTS, Taken
from sekisho.sources.base import Reject


def test_rejects_are_kept_within_bounds_and_counted_beyond() -> None:
    taken = Taken()
    for _ in range(3):
        taken.reject([Reject(n, "no") for n in range(MOST_REJECTS // 2)])
    assert len(taken.rejects) == MOST_REJECTS
    assert taken.rejected == MOST_REJECTS // 2 * 3


def test_a_clock_that_leaps_within_a_segment_spans_nothing() -> None:
    taken = Taken()
    taken.saw("a", 10, 20)
    taken.saw("a", 30, 30 + 86_400_000_000)
    assert taken.alive == {"a": [(10, 20), (30, 30), (30 + 86_400_000_000, 30 + 86_400_000_000)]}


def test_rows_count_what_was_readable_later() -> None:
    table = pa.table({"row": [1, 2]})
    assert Taken(flows=[table], late={3: [table, table]}).rows == 6


def test_what_could_not_be_read_says_who_sent_it() -> None:
    taken = Taken()
    taken.reject([Reject.of(1, "cut off", b"x"), Reject.of(2, "cut off", b"y")], ["10.0.0.1", ""])
    assert [one.reason for one in taken.rejects] == ["from 10.0.0.1: cut off", "cut off"]
    assert (taken.rejected, taken.rejected_of) == (2, {"10.0.0.1": 1})
