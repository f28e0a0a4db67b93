"""`outside`: one end is not the company.

Where a site judges its outside traffic, what no rule allows with another party leaves the company, or
comes into it: 10 points.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject


class OutsideCheck:
    """An end is an outside party."""

    id = "outside"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor where exactly one end is outside of the company."""
        if subject.src.outside == subject.dst.outside:
            return None
        if subject.dst.outside:
            return Factor(10, f"leaves the company for {subject.dst.name}")
        return Factor(10, f"comes into the company from {subject.src.name}")
