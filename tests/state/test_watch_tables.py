from sekisho.state import watch_tables
from sekisho.state.tables import metadata


def test_they_are_part_of_the_state_s_schema() -> None:
    assert {"alerts", "alert_outbox", "watch_cursor"} <= set(metadata.tables)
    assert watch_tables.alerts.metadata is metadata
