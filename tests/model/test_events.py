from __future__ import annotations

from sekisho.model.events import COLUMNS, EVENT_SCHEMA, OWN, SOURCE_EVENTS


def test_every_value_with_a_column_has_one_of_its_own() -> None:
    assert len(set(OWN)) == len(OWN) == len(set(COLUMNS.values()))
    # The engine does not tell names apart by case.
    assert len({name.casefold() for name in EVENT_SCHEMA.names}) == len(EVENT_SCHEMA.names)
    assert set(COLUMNS.values()) <= set(SOURCE_EVENTS.names)


def test_the_lake_adds_the_file() -> None:
    assert EVENT_SCHEMA.names == [*SOURCE_EVENTS.names, "file"]
