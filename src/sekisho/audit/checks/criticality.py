"""`criticality`: what the company says its assets are worth.

The higher of both ends counts: `critical` adds 20 points, `high` 10; where both are registered as
`low`, 5 fewer.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject


class CriticalityCheck:
    """Points by the criticality of the assets at the ends."""

    id = "criticality"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor unless the higher criticality is `normal`."""
        for level, points in (("critical", 20), ("high", 10)):
            for end in (subject.dst, subject.src):
                if end.criticality == level:
                    return Factor(points, f"{end.name} is an asset of {level} criticality")
        if subject.src.criticality == subject.dst.criticality == "low":
            return Factor(-5, "both ends are assets of low criticality")
        return None
