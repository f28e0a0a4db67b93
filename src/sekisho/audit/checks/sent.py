"""`sent`: how much the initiator sent.

From 100 MiB on (15 points) it is more than asking and answering; from 1 GiB on (25) it is a copy of
something. IP-layer bytes, the low end of the range, so that loss or sampling never inflates it.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject

MUCH = 100 << 20
A_COPY = 1 << 30


class SentCheck:
    """Large volume from initiator to responder."""

    id = "sent"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor from 100 MiB."""
        if subject.bytes_out < MUCH:
            return None
        points = 25 if subject.bytes_out >= A_COPY else 15
        return Factor(points, f"{subject.src.name} sent {subject.bytes_out >> 20:,} MiB")
