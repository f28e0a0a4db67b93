"""What is asked is held to what is meant in tests/store/test_events.py; this is what of the lake is read."""

from __future__ import annotations

from pathlib import Path

from sekisho.model.predicates import Every, Like
from sekisho.store.queries.events import AskedOfEvents, Batch, EventSource, picked, told

SOURCE = EventSource("It's", frozenset({4, 2}))
PREDICATE = Every((Like("Image", ("x",)), Like("Odd'Name", ("y",))))


def _batch(*asked: AskedOfEvents, whole: bool = False) -> Batch:
    batch = Batch((SOURCE,), whole)
    for one in asked:
        batch.add(one)
    return batch


def test_only_the_events_of_the_sources_are_picked_with_what_is_asked_for() -> None:
    text = picked([Path("/x/a.parquet")], _batch(AskedOfEvents(1, (SOURCE,), PREDICATE)))
    assert "lower(channel) = lower('It''s') AND event_id IN (2, 4)" in text
    assert "v_image AS f0" in text
    assert "more['Odd''Name'] AS f1" in text
    assert "whole" not in text


def test_values_that_are_to_be_kept_are_read_too() -> None:
    batch = _batch(AskedOfEvents(1, (SOURCE,), PREDICATE, keeps=("User", "Image")), whole=True)
    assert batch.fields == {"Image": 0, "Odd'Name": 1, "User": 2}
    assert "AS whole" in picked([Path("/x/a.parquet")], batch)


def test_what_only_correlations_ask_is_not_told() -> None:
    assert "rule NOT IN (3, 4)" in told([3, 4], correlated=False)
    assert "UNION ALL SELECT * FROM correlated" in told([], correlated=True)
