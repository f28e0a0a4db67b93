"""A ledger with a few entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.ledger.ledger import Ledger

AT = datetime(2026, 3, 1, 12, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(scope="session")
def at() -> datetime:
    """A time with microseconds."""
    return AT


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Four entries by anong."""
    made = Ledger(tmp_path / "ledger", timeout=5)
    for number in range(1, 5):
        made.append(
            "finding.note", {"n": number, "text": "工場 é"}, AT + timedelta(hours=number), "anong"
        )
    return made
