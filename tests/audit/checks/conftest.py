"""A connection for the checks to weigh."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.audit.base import Party, Subject


@pytest.fixture
def subject() -> Callable[..., Subject]:
    """An established, ordinary connection between two sites of one country, with changes."""

    def make(**changes: Any) -> Subject:
        values: dict[str, Any] = {
            "verdict": "unauthorized",
            "src": Party("a", "jp", "JP"),
            "dst": Party("b", "jp2", "JP"),
            "service": "tcp/9999",
            "role": "other",
            "flows": 5,
            "established": 5,
            "days_active": 2,
            "bytes_out": 100_000,
            "bytes_in": 100_000,
            "onset": "on_or_before",
            "began": datetime(2024, 3, 1, 9, 30, tzinfo=UTC),
        }
        return Subject(**(values | changes))

    return make
