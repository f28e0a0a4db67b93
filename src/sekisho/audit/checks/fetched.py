"""`fetched`: how much the initiator was sent in answer.

Data can be taken as well by asking for it: from 100 MiB on 10 points, from 1 GiB on 20. Downloads are
more often ordinary than uploads, so it weighs less than `sent`.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject

MUCH = 100 << 20
A_COPY = 1 << 30


class FetchedCheck:
    """Large volume from responder to initiator."""

    id = "fetched"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor from 100 MiB."""
        if subject.bytes_in < MUCH:
            return None
        points = 20 if subject.bytes_in >= A_COPY else 10
        return Factor(points, f"{subject.src.name} fetched {subject.bytes_in >> 20:,} MiB")
