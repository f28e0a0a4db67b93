"""Bands of RITA 5: from what a figure on a scale counts as low, medium, high or the most."""

from __future__ import annotations

BEACON = (0.5, 0.7, 0.9, 1.0)
"""Beacon scores."""
LONG = (3_600.0, 14_400.0, 28_800.0, 43_200.0)
"""Seconds that connections were open, summed a day."""
WEIGHTS = (0.2, 0.4, 0.6, 0.8)


def band(value: float, edges: tuple[float, ...]) -> float:
    """0, or the weight of the highest edge that was reached."""
    reached = sum(value >= edge for edge in edges)
    return WEIGHTS[reached - 1] if reached else 0.0
