"""The text of the questions about sessions."""

from __future__ import annotations

from pathlib import Path

from sekisho.store.queries import sessions


def test_only_rows_between_wanted_ends_in_the_window_are_read() -> None:
    text = sessions.rows([Path("a.parquet")], 5, 9)
    assert "epoch_us(r.start) >= 5" in text
    assert "epoch_us(r.start) < 9" in text
    assert "SEMI JOIN wanted" in text


def test_days_count_no_flow_twice() -> None:
    assert "role IN (0, 2)" in sessions.daily([Path("a.parquet")])
