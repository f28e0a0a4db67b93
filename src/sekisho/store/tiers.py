"""Which small files of a day are worth merging now.

Files are merged with those of about their size, many at once, as log-structured stores do: each row is
rewritten a few times however many commits a day has, and a day never has more than some dozens of files
for each of a few sizes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.store.snapshot import Segment

FEW = 64
"""Files of one day that need no merging."""
WIDTH = 32
"""Files of one size that are merged, and how many times larger those of the next size are."""
MOST = 128
"""Files merged at once."""
LARGE = 32_000_000
"""Rows of a file that is not merged again in the background."""


def due(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Groups of one day's segments to be merged, each into one; smallest rows first."""
    if len(segments) <= FEW:
        return []
    sizes: dict[int, list[Segment]] = {}
    for segment in segments:
        if segment.rows < LARGE:
            sizes.setdefault(tier(segment.rows), []).append(segment)
    return [
        found[start : start + MOST]
        for _, found in sorted(sizes.items())
        for start in range(0, len(found), MOST)
        if len(found) - start >= WIDTH
    ]


def tier(rows: int) -> int:
    """0 up to 32 rows, 1 up to 1024, and so on."""
    number, limit = 0, WIDTH
    while rows > limit:
        number, limit = number + 1, limit * WIDTH
    return number
