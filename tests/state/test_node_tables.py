from __future__ import annotations

from sekisho.state.node_tables import keys, letters, nodes, refusals, taken


def test_what_may_come_again_is_told_apart_by_the_database() -> None:
    assert [c.name for c in keys.primary_key] == ["hash"]
    assert [c.name for c in taken.primary_key] == ["node", "digest"]
    assert [c.name for c in refusals.primary_key] == ["node", "reason"]
    assert nodes.c.identity.unique
    assert letters.c.id.autoincrement
