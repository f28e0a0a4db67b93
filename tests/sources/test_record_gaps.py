"""Numbers that a log leaves out."""

from __future__ import annotations

from sekisho.sources import record_gaps
from sekisho.sources.record_gaps import HOUR, Gap, RecordGaps
from sekisho.sources.windows_records import WindowsEvent


def follow(*records: tuple[int | None, int], host: str = "a") -> list[Gap]:
    """(number, time) of the records of one log."""
    gaps, found = RecordGaps(), []
    for row, (number, time) in enumerate(records, 1):
        found += gaps.after(row, WindowsEvent(1, time, host, "Security", "", number, {}))
    return found + gaps.rest()


def test_a_log_without_gaps_says_nothing() -> None:
    assert follow((1, 0), (2, 1), (3, 2)) == []
    assert follow((None, 0), (5, 1), (None, 2)) == []


def test_gaps_of_one_hour_are_told_of_once() -> None:
    (gap,) = follow((1, 0), (3, 1), (10, 2))
    assert "7 records missing" in gap.text
    assert "numbers 2 to 9" in gap.text
    assert (gap.row, gap.time) == (2, 0)


def test_a_gap_over_hours_touches_both() -> None:
    found = follow((1, 5), (9, 3 * HOUR + 7))
    assert [gap.time // HOUR for gap in found] == [0, 3]


def test_a_log_that_went_round_has_no_gap_where_it_begins_anew() -> None:
    assert follow((500, 10), (501, 11), (300, 0), (301, 1)) == []


def test_logs_are_followed_apart_and_not_without_end() -> None:
    gaps = RecordGaps()
    found = []
    for number in range(record_gaps.MOST_LOGS + 50):
        for record in (1, 3):
            event = WindowsEvent(1, 0, f"h{number}", "Security", "", record, {})
            found += gaps.after(record, event)
    assert len(found + gaps.rest()) == record_gaps.MOST_LOGS
