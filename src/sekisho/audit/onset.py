"""When a connection began, and whether anybody was looking when it did."""

from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.audit.coverage import Coverage
from sekisho.audit.stretches import hour_of
from sekisho.model.findings import Onset

FRESH = timedelta(hours=24)
"""Evidence so soon after coverage starts may be the continuation of what nobody recorded."""


def onset(
    first: datetime,
    established: datetime | None,
    able: frozenset[str],
    coverage: Coverage,
    *,
    before: datetime | None = None,
) -> Onset:
    """The onset of a finding whose first violating flow was at `first`, the first established one at
    `established` (aware UTC, uncorrected).

    `able` are the sensors that could have seen it, those that did included. `before` is when the same
    connection was already seen before the window of the audit, which then did not see it begin.
    """
    at = established or first
    if before is not None:
        return Onset(
            at=at,
            kind="on_or_before",
            why=f"it was already seen at {before:%Y-%m-%d %H:%M} UTC, before the window of this audit",
        )
    since = coverage.since(able, first)
    if since is None:
        return Onset(
            at=at, kind="on_or_before", why="no sensor that could have seen it earlier has coverage"
        )
    if first - since <= FRESH:
        start = (
            "coverage starts" if _is_start(coverage, since) else "a gap in all of their coverage ends"
        )
        return Onset(
            at=at,
            kind="on_or_before",
            why=f"first seen within 24 h after {since:%Y-%m-%d %H:%M} UTC, when {start} "
            f"(sensors that could have seen it: {', '.join(sorted(able))})",
        )
    return Onset(
        at=at,
        kind="observed",
        why=f"sensors that could have seen it ({', '.join(sorted(able))}) had coverage "
        f"since {since:%Y-%m-%d %H:%M} UTC",
    )


def _is_start(coverage: Coverage, since: datetime) -> bool:
    return hour_of(since) <= coverage.begin
