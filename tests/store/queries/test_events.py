"""What is asked is held to what is meant in tests/store/test_events.py; this is what of the lake is read."""

from __future__ import annotations

from pathlib import Path

from sekisho.model.predicates import Like
from sekisho.store.queries.events import AskedOfEvents, Batch, EventSource, lines, met, picked, told

SOURCE = EventSource("It's", frozenset({4, 2}))


def _batch(*asked: AskedOfEvents, whole: bool = False) -> Batch:
    batch = Batch((SOURCE,), whole)
    for one in asked:
        batch.add(one, ["Image", "Odd'Name"])
    return batch


def test_only_the_events_of_the_sources_are_picked_with_what_is_asked_for() -> None:
    text = picked([Path("/x/a.parquet")], _batch(AskedOfEvents(1, (SOURCE,), Like("Image", ("x",)))))
    assert "lower(channel) = lower('It''s') AND event_id IN (2, 4)" in text
    assert "v_image AS f0" in text
    assert "more['Odd''Name'] AS f1" in text
    assert "whole" not in text


def test_values_that_are_to_be_kept_are_read_too() -> None:
    batch = _batch(AskedOfEvents(1, (SOURCE,), Like("Image", ("x",)), keeps=("User", "Image")))
    assert batch.fields == {"Image": 0, "Odd'Name": 1, "User": 2}
    assert "CASE l.rule WHEN 1 THEN [p.f2, p.f0] END" in met(batch)


def test_predicates_are_asked_of_what_differs() -> None:
    made, asked = lines(_batch(AskedOfEvents(1, (SOURCE,), Like("Image", ("x",))), whole=True))
    assert "SELECT DISTINCT f0, f1, whole FROM picked" in made
    assert "lower(f0) AS l0" in made
    assert asked == ["SELECT 1::INTEGER AS rule, id FROM lines WHERE (l0 = lower('x'))"]


def test_what_only_correlations_ask_is_not_told() -> None:
    assert "rule NOT IN (3, 4)" in told([3, 4], correlated=False)
    assert "UNION ALL SELECT * FROM correlated" in told([], correlated=True)
