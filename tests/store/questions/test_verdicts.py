from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    "question",
    [
        "judged_connections",
        "judged",
        "links",
        "connection_totals",
        "flow_totals",
        "of_services",
        "violating",
        "violations",
        "views",
        "measures",
        "every_view",
        "usage",
    ],
)
def test_every_engine_says_the_same(agree: Callable[[str], int], question: str) -> None:
    assert agree(question) > 0
