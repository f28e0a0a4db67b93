"""Text that has to fit into a drawing, where nothing wraps."""

from __future__ import annotations

from unicodedata import east_asian_width

from sekisho.reports.text import printable

_NARROW, _WIDE = 0.56, 1.0
"""Widths of a letter, in its size, of the sans-serif faces that the pages ask for."""
MOST = 400
"""Characters that are looked at."""


def width(text: str, size: float) -> float:
    """About how wide the text is, in the units of `size`."""
    return sum(_WIDE if east_asian_width(c) in "WF" else _NARROW for c in text) * size


def fit(text: str, room: float, size: float) -> str:
    """The text as it may be shown, with an ellipsis within where it is wider than `room`.

    Names of one company often begin alike and end alike, so both ends are kept.
    """
    shown = printable(text)[:MOST]
    if width(shown, size) <= room:
        return shown
    begin, end = (len(shown) + 1) // 2, len(shown) // 2
    while begin and width(cut := f"{shown[:begin]}…{shown[len(shown) - end :]}", size) > room:
        begin, end = (begin - 1, end) if begin > end else (begin, end - 1)
    return cut if begin else "…"
