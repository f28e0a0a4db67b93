from sekisho.state import incident_tables
from sekisho.state.tables import metadata


def test_they_are_part_of_the_state_s_schema() -> None:
    assert {"incidents", "incident_findings", "incident_evidence", "incident_inquiries"} <= set(
        metadata.tables
    )
    assert incident_tables.events.metadata is metadata
