from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Subject
from sekisho.audit.checks.single import SingleCheck

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = SingleCheck().weigh(found)
    return factor.points if factor else None


def test_one_small_flow_is_probably_nothing(subject: Make) -> None:
    assert points(subject(flows=1, established=1, bytes_out=4_000, bytes_in=5_999)) == -10


@pytest.mark.parametrize(
    "changes",
    [
        {"flows": 2},
        {"bytes_in": 6_000},
        {"role": "administration"},
        {"role": "file"},
        {"established": 0},
    ],
)
def test_but_not_where_one_flow_is_all_it_takes(subject: Make, changes: dict[str, object]) -> None:
    small = {"flows": 1, "established": 1, "bytes_out": 4_000, "bytes_in": 5_999}
    assert points(subject(**(small | changes))) is None
