from __future__ import annotations

from sekisho.state import restore_tables
from sekisho.state.tables import metadata


def test_the_table_is_one_of_the_state() -> None:
    assert "restore_events" in metadata.tables
    assert restore_tables.events.metadata is metadata
