"""A ledger with a few entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.ledger.checkpoints import SignedHead
from sekisho.ledger.keys import sign_now
from sekisho.ledger.ledger import Ledger
from sekisho.ledger.verify import verify_ledger

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


class Signed:
    """A ledger whose heads were signed as it grew."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def grow(self, number: int) -> None:
        """So many entries more."""
        for n in range(number):
            self.ledger.append("x", {"n": n}, AT, "anong")

    def sign(self) -> SignedHead:
        """The head of the ledger as it stands, with a key of its own."""
        return sign_now(self.ledger, None, AT, "anong")

    def leaves(self) -> bytearray:
        """The hash of each entry; the ledger is whole."""
        leaves = bytearray()
        assert verify_ledger(self.ledger.folder, leaves=leaves).whole
        return leaves


@pytest.fixture
def signed(ledger: Ledger) -> Signed:
    """Four entries, and nothing signed yet."""
    return Signed(ledger)
