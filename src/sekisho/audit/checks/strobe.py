"""`strobe`: contacts once a second and more.

86,400 contacts a day and more are no beacon, but a program all the same: one that is broken, or floods,
or controls something as it goes: 10 points.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject


class StrobeCheck:
    """Once a second."""

    id = "strobe"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor where a day had as many."""
        strobe = subject.automation.strobe if subject.automation else None
        return Factor(10, strobe.text) if strobe else None
