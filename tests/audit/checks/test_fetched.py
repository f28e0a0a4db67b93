from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Subject
from sekisho.audit.checks.fetched import FetchedCheck

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = FetchedCheck().weigh(found)
    return factor.points if factor else None


@pytest.mark.parametrize(
    ("size", "expected"), [((100 << 20) - 1, None), (100 << 20, 10), ((1 << 30) - 1, 10), (1 << 30, 20)]
)
def test_points_by_volume(subject: Make, size: int, expected: int | None) -> None:
    assert points(subject(bytes_in=size)) == expected


def test_the_other_direction_is_another_check(subject: Make) -> None:
    assert points(subject(bytes_out=1 << 40)) is None
