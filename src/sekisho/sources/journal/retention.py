"""Which segments a folder need not keep any longer."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sekisho.sources.journal.segments import SealedSegment, sealed
from sekisho.sources.times import micros_of


def expired(folder: Path, now: datetime, keep: timedelta, limit: int) -> list[SealedSegment]:
    """The sealed segments that are older than `keep`, and of the others the oldest that make the folder
    larger than `limit` bytes; in order. Nothing is removed here.

    Age is that of a segment's name; where the clock went back and names ran ahead of it, they are kept
    longer, never shorter. Raises OSError.
    """
    segments = sealed(folder)
    oldest = micros_of(now - keep)
    total = sum(segment.size for segment in segments)
    gone = []
    for segment in segments:
        if segment.begun_at >= oldest and total <= limit:
            break
        gone.append(segment)
        total -= segment.size
    return gone
