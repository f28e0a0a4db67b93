"""The first day on which a connection left its own baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

LEAST = 5
"""Days of a baseline, at least."""
TIMES = 4.0
"""So many times its largest day so far, at least."""
FLOOR = 1_000_000
"""Bytes; less than that on a day says nothing by its volume."""


def changed(days: Sequence[Mapping[str, Any]]) -> tuple[int, str] | None:
    """Day (number) and what changed, from a connection's days in order (`store.sessions.DAYS`).

    None where it has no baseline of `LEAST` days, or kept to it.
    """
    for place in range(LEAST, len(days)):
        before, day = days[:place], days[place]
        volume = day["sent"] + day["received"]
        largest = max(d["sent"] + d["received"] for d in before)
        if volume >= FLOOR and volume > TIMES * largest:
            return day[
                "day"
            ], f"{volume / max(largest, 1):.0f} times its largest day in {place} days before"
        usual = float(np.median([d["flows"] for d in before]))
        most = max(d["flows"] for d in before)
        if day["flows"] > TIMES * most and day["flows"] >= 20:
            return day["day"], f"{day['flows']} sessions, where {usual:.0f} a day were usual"
        hours = 0
        for d in before:
            hours |= d["hours"]
        fresh = day["hours"] & ~hours
        if (
            place >= 2 * LEAST
            and fresh
            and all(not fresh & (hours << s | hours >> s) for s in (1, 2, 3))
        ):
            at = ", ".join(f"{h:02d}" for h in range(24) if fresh >> h & 1)
            return day["day"], f"used at {at} UTC, hours of the day that it had never come near"
    return None
