from __future__ import annotations

from sekisho.state.fleet_tables import answers, decisions, sightings


def test_facts_are_told_apart_by_content_and_decisions_by_their_entry() -> None:
    assert [c.name for c in sightings.primary_key] == ["id"]
    assert [c.name for c in answers.primary_key] == ["id"]
    assert [c.name for c in decisions.primary_key] == ["seq"]
