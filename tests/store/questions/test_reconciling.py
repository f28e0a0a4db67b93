from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    "question",
    [
        "between_ends",
        "rows_between",
        "sided",
        "uneven_ends",
        "even_ends",
        "days_between",
    ],
)
def test_every_engine_says_the_same(agree: Callable[[str], int], question: str) -> None:
    assert agree(question) > 0


def test_what_sampled_is_said_alike(agree: Callable[[str], int]) -> None:
    assert agree("sampled") == 0, "nothing in this lake did"
