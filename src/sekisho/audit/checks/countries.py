"""`countries`: it crosses a border.

Between sites in different countries other people answer for either end, other laws hold, and links are
watched less closely: 10 points.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject


class CountriesCheck:
    """The ends are in sites of different countries."""

    id = "countries"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor where both countries are known and differ."""
        here, there = subject.src.country, subject.dst.country
        if not here or not there or here == there:
            return None
        return Factor(10, f"crosses from {here} to {there}")
