from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.sources.journal.retention import expired

NOW = datetime(2020, 6, 15, tzinfo=UTC)
DAY = 86_400_000_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One segment of 100 bytes a day, the last 10 days."""
    now = int(NOW.timestamp()) * 1_000_000
    for back in range(10):
        (tmp_path / f"{now - back * DAY:020d}.journal").write_bytes(bytes(100))
    (tmp_path / f"{now - 40 * DAY:020d}.open").write_bytes(bytes(100))
    return tmp_path


@pytest.mark.parametrize(
    ("days", "limit", "gone"),
    [(30, 10_000, 0), (6.5, 10_000, 3), (30, 1000, 0), (30, 999, 1), (30, 0, 10), (6.5, 250, 8),
     (6, 10_000, 3)],
)  # fmt: skip
def test_what_is_too_old_or_too_much_goes_oldest_first(
    folder: Path, days: float, limit: int, gone: int
) -> None:
    found = expired(folder, NOW, timedelta(days=days), limit)
    assert [one.path for one in found] == sorted(folder.glob("*.journal"))[:gone]


def test_a_clock_that_went_back_keeps_more(folder: Path) -> None:
    assert expired(folder, NOW - timedelta(days=100), timedelta(days=14), 10_000) == []
    assert expired(folder / "none", NOW, timedelta(), 0) == []
