"""Segments that count: removed, or kept aside for some days."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sekisho.sources.journal.retention import expired
from sekisho.sources.journal.segments import DAMAGED, PACKED, SealedSegment, pack, sealed

KEPT = "kept"


class Retiring:
    """What becomes of segments of one journal; with `keep` 0 they go at once.

    Their names need not be forced to disk: a segment that a power cut brings back is known to the lake.
    """

    def __init__(self, journal: Path, keep: timedelta, limit: int) -> None:
        self._folder = journal / KEPT
        self._keep = keep
        self._limit = limit
        if keep:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def retire(self, segment: SealedSegment) -> None:
        """A segment counts. Raises OSError."""
        if self._keep:
            segment.path.rename(self._folder / segment.path.name)
        else:
            segment.path.unlink(missing_ok=True)

    @staticmethod
    def set_aside(segment: SealedSegment) -> str:
        """Out of the way of those that come after it, not removed; its new name. Raises OSError."""
        aside = segment.path.with_name(segment.name + DAMAGED)
        segment.path.rename(aside)
        return aside.name

    def tend(self, now: datetime) -> None:
        """Compress what is kept, and let go of what is kept long enough. Raises OSError."""
        for segment in expired(self._folder, now, self._keep, self._limit):
            segment.path.unlink(missing_ok=True)
        for segment in sealed(self._folder):
            if not segment.path.name.endswith(PACKED):
                pack(segment)
