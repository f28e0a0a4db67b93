"""`novelty`: it was seen to begin.

A connection that began while sensors were looking is new, and what is new was not part of how the
company worked until then (10 points). One that may be older than the evidence gets none, and none is
taken away: the worst ones are old. A lapsed one was part of it while its rule held: only its being a
violation is new.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject


class NoveltyCheck:
    """Observed onset."""

    id = "novelty"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor where the onset was observed, something was exchanged and no rule ever allowed it."""
        if subject.onset != "observed" or not subject.established or subject.verdict == "lapsed":
            return None
        return Factor(
            10, f"never seen before {subject.began:%Y-%m-%d %H:%M} UTC, although sensors looked"
        )
