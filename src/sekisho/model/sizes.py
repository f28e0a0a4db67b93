"""Sizes as people read them: decimal everywhere (1 kB = 1000 B), so that two texts never disagree."""

from __future__ import annotations

_STEPS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def size(count: int) -> str:
    """Three significant figures at most: `5.9 MB`, `812 B`."""
    value = float(count)
    for unit in _STEPS:
        if abs(value) < 999.5 or unit == _STEPS[-1]:
            if unit == "B":
                return f"{count} B"
            return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def sizes(low: int, high: int) -> str:
    """A range in words: `4.1 MB to 6.0 MB`, and `4.1 MB` where less than a tenth lies between."""
    return size(low) if high < 1.1 * low else f"{size(low)} to {size(high)}"
