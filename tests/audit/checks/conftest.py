"""A connection for the checks to weigh."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.audit.base import Party, Subject
from sekisho.model.findings import Automation


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


@pytest.fixture
def automation() -> Callable[..., Automation]:
    """What was found of automation: bands of beacon and long, contacts of a strobe; strong if any."""

    def make(
        *,
        beacon: float | None = None,
        regular: bool = True,
        long: float | None = None,
        strobe: int | None = None,
        rare: bool = False,
        common: bool = False,
    ) -> Automation:
        day = datetime(2024, 3, 1, tzinfo=UTC)
        parts = dict.fromkeys(("score", "timestamps", "sizes", "duration", "histogram"), 0.9)
        beat = {
            **parts,
            "band": beacon,
            "contacts": 99,
            "interval_seconds": 60.0,
            "size_bytes": 100,
            "from": day,
            "to": day,
            "regular": regular,
            "text": "a beat",
        }
        held = {"seconds": 1, "longest_seconds": 1, "day": day, "band": long, "text": "open for hours"}
        return Automation.model_validate(
            {
                "beacon": None if beacon is None else beat,
                "long": None if long is None else held,
                "strobe": strobe and {"contacts": strobe, "day": day, "text": "a strobe"},
                "prevalence": {
                    "hosts": 1,
                    "of": 9,
                    "share": 0.1,
                    "text": "one of nine",
                    "rare": rare,
                    "common": common,
                },
                "pair_first_seen": {"at": day, "kind": "observed", "text": "new"},
                "strong": (beacon is not None and regular) or long is not None or bool(strobe),
            }
        )

    return make
