from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.audit.base import Party, Subject
from sekisho.audit.checks.countries import CountriesCheck

Make = Callable[..., Subject]


def points(found: Subject) -> int | None:
    factor = CountriesCheck().weigh(found)
    return factor.points if factor else None


@pytest.mark.parametrize(
    ("src", "dst", "expected"),
    [("JP", "TH", 10), ("JP", "JP", None), (None, "TH", None), ("JP", "", None)],
)
def test_a_border_is_crossed_where_both_countries_are_known(
    subject: Make, src: str | None, dst: str | None, expected: int | None
) -> None:
    assert points(subject(src=Party("a", "x", src), dst=Party("b", "y", dst))) == expected
