"""`sent`: how much the initiator sent.

From 100 MB on (15 points) it is more than asking and answering; from 1 GB on (25) it is a copy of
something. IP-layer bytes, the low end of the range, so that loss or sampling never inflates it.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject
from sekisho.model.sizes import size

MUCH = 100_000_000
A_COPY = 1_000_000_000


class SentCheck:
    """Large volume from initiator to responder."""

    id = "sent"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor from 100 MB."""
        if subject.bytes_out < MUCH:
            return None
        points = 25 if subject.bytes_out >= A_COPY else 15
        return Factor(points, f"{subject.src.name} sent {size(subject.bytes_out)}")
