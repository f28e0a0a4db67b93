from __future__ import annotations

from sekisho.model.restrictions import IN_FORCE, NEXT, STATES


def test_states_follow_each_other() -> None:
    assert set(NEXT) == set(STATES)
    assert all(following <= set(STATES) for following in NEXT.values())
    assert NEXT["lifted"] == frozenset()
    reached = {"draft"}
    while True:
        more = {after for state in reached for after in NEXT[state]} - reached
        if not more:
            break
        reached |= more
    assert reached == set(STATES)


def test_what_is_in_force_is_not_over() -> None:
    assert not IN_FORCE & {"draft", "previewed", "approved", "lifted", "rolled_back", "failed"}
