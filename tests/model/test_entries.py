"""An entry is a value: equal by content, never changed."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from sekisho.model.entries import Entry


def test_an_entry_is_a_frozen_value() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    entry = Entry(1, at, "anong", "note", {"text": "x"}, "0" * 64, "f" * 64, 0, 10)
    assert entry == Entry(1, at, "anong", "note", {"text": "x"}, "0" * 64, "f" * 64, 0, 10)
    with pytest.raises(FrozenInstanceError):
        entry.seq = 2  # type: ignore[misc]
