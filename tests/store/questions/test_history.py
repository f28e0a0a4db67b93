from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    "question", ["first_last", "touching", "serving", "days", "records", "ordered"]
)
def test_every_engine_says_the_same(agree: Callable[[str], int], question: str) -> None:
    assert agree(question) > 0
