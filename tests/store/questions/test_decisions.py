from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    "question", ["decided", "undecided", "kept", "loose", "loose_spans", "strictest", "blunted"]
)
def test_every_engine_says_the_same(agree: Callable[[str], int], question: str) -> None:
    assert agree(question) > 0
