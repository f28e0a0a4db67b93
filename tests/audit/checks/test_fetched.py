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
    ("size", "expected"),
    [(10**8 - 1, None), (10**8, 10), (10**9 - 1, 10), (10**9, 20)],
)
def test_points_by_volume(subject: Make, size: int, expected: int | None) -> None:
    assert points(subject(bytes_in=size)) == expected


def test_the_other_direction_is_another_check(subject: Make) -> None:
    assert points(subject(bytes_out=1 << 40)) is None


def test_the_text_counts_as_the_tables_do(subject: Make) -> None:
    factor = FetchedCheck().weigh(subject(bytes_in=380_901_696))
    assert factor is not None
    assert factor.text.endswith(" fetched 381 MB")
