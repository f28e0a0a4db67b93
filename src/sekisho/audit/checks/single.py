"""`single`: one small exchange and no more.

One flow of less than 10 KB both ways is what a mistyped address or a stray probe leaves: 10 points
fewer. Not for services that run commands or move files, where one flow is all that it takes, and not
for what was never answered, which counts little already.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject

SMALL = 10_000


class SingleCheck:
    """A single small flow."""

    id = "single"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor for one small established flow of a harmless service."""
        if subject.flows != 1 or not subject.established:
            return None
        if subject.role in ("administration", "file") or subject.bytes_out + subject.bytes_in >= SMALL:
            return None
        return Factor(-10, "one flow of less than 10 KB")
