"""`volume`: ten times its usual volume.

Usual is the median of the active days before. Twice the highest of them as well, so that a weekly copy or
a month end that was there before is none; and 10 MB at least, below which ten times is nothing.
"""

from __future__ import annotations

from sekisho.audit.baseline import Baseline, Day
from sekisho.model.sizes import size

TIMES = 10
HIGHEST = 2
FLOOR = 10_000_000


class VolumeChange:
    """Far more than on any day before."""

    id = "volume"

    def seen(self, day: Day, usual: Baseline) -> str | None:
        """Where all three bounds are reached."""
        least = max(TIMES * usual.usual, HIGHEST * usual.highest, FLOOR)
        if day.volume < least:
            return None
        return f"{usual.text}, on {day.date} {size(day.volume)}{usual.lacks(day)}"
