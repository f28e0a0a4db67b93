"""`beacon`: it keeps a beat.

A program that calls home does so by the clock. The points are those of RITA's bands: 5 from a score of
0.5, 10 from 0.7, 15 from 0.9, 20 for 1; only where the beat is regular for long enough to say so.
"""

from __future__ import annotations

from sekisho.audit.base import Factor, Subject

POINTS = {0.0: 5, 0.2: 5, 0.4: 10, 0.6: 15, 0.8: 20}
"""By band. A regular beat that stops for most of the day has a low score, and is one all the same."""


class BeaconCheck:
    """A regular beat."""

    id = "beacon"

    def weigh(self, subject: Subject) -> Factor | None:
        """A factor where the beat is regular."""
        beacon = subject.automation.beacon if subject.automation else None
        if beacon is None or not beacon.regular:
            return None
        return Factor(POINTS[beacon.band], beacon.text)
