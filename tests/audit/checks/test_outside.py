from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Party, Subject
from sekisho.audit.checks.outside import OutsideCheck

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = OutsideCheck().weigh(found)
    return factor.points if factor else None


@pytest.mark.parametrize(
    ("src", "dst", "expected"),
    [(False, True, 10), (True, False, 10), (False, False, None), (True, True, None)],
)
def test_exactly_one_end_is_another_party(
    subject: Make, src: bool, dst: bool, expected: int | None
) -> None:
    assert points(subject(src=Party("a", outside=src), dst=Party("b", outside=dst))) == expected


def test_it_says_which_way(subject: Make) -> None:
    out = OutsideCheck().weigh(subject(dst=Party("8.8.8.8", outside=True)))
    back = OutsideCheck().weigh(subject(src=Party("8.8.8.8", outside=True)))
    assert out is not None
    assert back is not None
    assert out.text == "leaves the company for 8.8.8.8"
    assert back.text == "comes into the company from 8.8.8.8"
