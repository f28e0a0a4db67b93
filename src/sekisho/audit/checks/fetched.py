"""`fetched`: how much the initiator was sent in answer.

Data can be taken as well by asking for it: from 100 MB on 10 points, from 1 GB on 20. Downloads are
more often ordinary than uploads, so it weighs less than `sent`.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject
from sekisho.model.sizes import size

MUCH = 100_000_000
A_COPY = 1_000_000_000


class FetchedCheck:
    """Large volume from responder to initiator."""

    id = "fetched"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor from 100 MB."""
        if subject.bytes_in < MUCH:
            return None
        points = 20 if subject.bytes_in >= A_COPY else 10
        return Factor(points, f"{subject.src.name} fetched {size(subject.bytes_in)}")
