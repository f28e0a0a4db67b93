from sqlalchemy import DateTime

from sekisho.state.tables import metadata


def test_every_row_that_comes_from_an_entry_names_it() -> None:
    names = {"contents", "cursor", "alerts", "alert_connections", "watch_observers", "watch_remarks"}
    # What machines said of terminals is evidence, known by its own hash; what people decided has entries.
    names |= {"fleet_answers", "fleet_homes", "fleet_intakes", "fleet_sightings", "fleet_software"}
    # What the service knows of nodes, and how far it has come with each.
    names |= {"fleet_asks", "fleet_counts", "fleet_keys", "fleet_letters", "fleet_lots", "fleet_nodes"}
    names |= {"fleet_refusals", "fleet_taken"}
    for table in metadata.sorted_tables:
        if not any(name in table.name for name in names):
            assert "seq" in table.columns, table.name


def test_no_column_holds_a_time_without_its_zone() -> None:
    for table in metadata.sorted_tables:
        for column in table.columns:
            assert type(column.type) is not DateTime, f"{table.name}.{column.name}"
