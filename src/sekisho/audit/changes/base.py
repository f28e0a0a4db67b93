"""What a change of a connection's days is."""

from __future__ import annotations

from typing import Protocol

from sekisho.audit.baseline import Baseline, Day


class Change(Protocol):
    """One way in which a day may differ from those before. Pure."""

    id: str

    def seen(self, day: Day, usual: Baseline) -> str | None:
        """The sentence that says what was usual and what is now; None where the day is like the others."""
        ...
