"""How much an indicator weighs; what is found is proven on whole evidence in tests/app/hunting."""

from __future__ import annotations

from typing import Any

import pytest

from sekisho.intel.hunt import severity_of
from sekisho.model.hunts import Matched


def matched(confidence: int, **changes: Any) -> Matched:
    said: dict[str, Any] = {
        "kind": "address", "value": "45.9.148.3", "via": "address", "found": "45.9.148.3", "feed": "mine",
        "feed_standing": "current", "feed_age_seconds": 60, "licence": "CC0", "confidence": confidence,
        "tlp": "clear", "valid_from": None, "valid_until": None, "expired": False, "source": "", "says": "",
    }  # fmt: skip
    return Matched(**(said | changes))


@pytest.mark.parametrize(
    ("some", "established", "severity"),
    [
        ([matched(90)], 3, "high"),
        ([matched(90)], 0, "medium"),
        ([matched(50)], 3, "medium"),
        ([matched(10)], 3, "low"),
        ([matched(10)], 0, "low"),
        ([matched(90, kind="url")], 3, "medium"),
        ([matched(90, feed_standing="stale")], 3, "medium"),
        ([matched(10), matched(90)], 3, "high"),
        ([matched(10), matched(90, expired=True)], 3, "low"),
        ([matched(90, expired=True)], 3, None),
        ([], 3, None),
    ],
)
def test_by_the_indicator_that_is_believed_most(
    some: list[Matched], established: int, severity: str | None
) -> None:
    assert severity_of(some, established) == severity
