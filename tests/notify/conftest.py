from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sekisho.notify.facts import Recorded, Sheet
from sekisho.notify.vocabulary import read_value


def recorded(seq: int, text: str) -> Recorded:
    """`NAME=VALUE` as the recording number `seq`."""
    name, _, value = text.partition("=")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    known = None if value == "unknown" else read_value(name, value)
    return Recorded(name, known, at, "minutes", "aiko", at, seq)


@pytest.fixture
def sheet() -> Callable[..., Sheet]:
    """A sheet of facts in the order in which they were written down."""
    return lambda *texts: Sheet.of(recorded(n, text) for n, text in enumerate(texts, 1))
