from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize("question", ["rows_of_days", "rows_of_months", "days_of_months", "blunt"])
def test_every_engine_says_the_same(agree: Callable[[str], int], question: str) -> None:
    assert agree(question) > 0
