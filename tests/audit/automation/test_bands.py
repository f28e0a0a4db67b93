from __future__ import annotations

import pytest

from sekisho.audit.automation.bands import BEACON, LONG, band


@pytest.mark.parametrize(
    ("value", "edges", "weight"),
    [
        (0.499, BEACON, 0),
        (0.5, BEACON, 0.2),
        (0.7, BEACON, 0.4),
        (0.9, BEACON, 0.6),
        (0.999, BEACON, 0.6),
        (1.0, BEACON, 0.8),
        (3_599, LONG, 0),
        (3_600, LONG, 0.2),
        (14_400, LONG, 0.4),
        (28_800, LONG, 0.6),
        (43_200, LONG, 0.8),
        (86_400, LONG, 0.8),
    ],
)
def test_a_band_begins_at_its_edge(value: float, edges: tuple[float, ...], weight: float) -> None:
    assert band(value, edges) == weight
