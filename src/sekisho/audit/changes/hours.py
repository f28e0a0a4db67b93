"""`hours`: hours of the day in which it was never used.

In the time zone of the initiator's site. The new hour must be two and more away from every one that was
used, and the habit must be settled: where some hour was used on one day alone, another new one is to be
expected (Good and Turing's estimate of what was not seen yet), and where more than sixteen were used there
is no habit.
"""

from __future__ import annotations

from sekisho.audit.baseline import Baseline, Day

APART = 2
MOST = 16


class HoursChange:
    """Used at a time of day at which it never was."""

    id = "hours"

    def seen(self, day: Day, usual: Baseline) -> str | None:
        """Where there is a habit, and an hour far from it."""
        used = usual.hours
        if not used or len(used) > MOST or min(used.values()) < 2:
            return None
        new = sorted(
            hour
            for hour in day.local_hours(usual.zone)
            if all(_apart(hour, one) >= APART for one in used)
        )
        if not new:
            return None
        return (
            f"used between {_spans(new)} on {day.date} ({usual.zone}); on {usual.days} active days before"
            f" only between {_spans(sorted(used))}{usual.lacks(day)}"
        )


def _apart(one: int, other: int) -> int:
    """Hours between, the short way round."""
    between = abs(one - other)
    return min(between, 24 - between)


def _spans(hours: list[int]) -> str:
    """`8:00 and 18:00, 22:00 and 23:00`."""
    runs: list[list[int]] = []
    for hour in hours:
        if runs and runs[-1][1] == hour:
            runs[-1][1] = hour + 1
        else:
            runs.append([hour, hour + 1])
    return ", ".join(f"{begin}:00 and {end}:00" for begin, end in runs)
