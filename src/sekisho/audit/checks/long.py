"""`long`: it is held open.

A session that is open for most of a day, or opened again whenever it ends, is a way to keep control that
makes no beat: 10 points from 8 hours a day, 15 from 12.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject

POINTS = {0.6: 10, 0.8: 15}


class LongCheck:
    """Open for hours."""

    id = "long"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor from 8 hours a day."""
        long = subject.automation.long if subject.automation else None
        if long is None or long.band not in POINTS:
            return None
        return Factor(POINTS[long.band], long.text)
