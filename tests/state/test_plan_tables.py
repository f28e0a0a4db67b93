from sekisho.state import plan_tables
from sekisho.state.tables import metadata


def test_they_are_part_of_the_state_s_schema() -> None:
    assert {"plans", "plan_events"} <= set(metadata.tables)
    assert plan_tables.events.metadata is metadata
