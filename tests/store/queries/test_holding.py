"""That both ways answer alike is held in tests/fleet/sigma/test_backend.py; this is what is asked which way."""

from __future__ import annotations

from sekisho.model.predicates import Alike, Either, Every, Like, Not, Wild
from sekisho.store.queries import holding
from sekisho.store.queries.events import AskedOfEvents, Batch, EventSource
from sekisho.store.queries.holding import Plan

SOURCE = EventSource("Security")
IMAGE = Like("Image", (Wild.MANY, "\\cmd.exe"))
LINE = Like("CommandLine", (Wild.MANY, " /c ", Wild.MANY))


def _batch(*asked: AskedOfEvents) -> Batch:
    batch = Batch((SOURCE,), whole=False)
    for one in asked:
        batch.add(one)
    return batch


def test_a_field_with_few_values_is_looked_up_and_first() -> None:
    batch = _batch(AskedOfEvents(3, (SOURCE,), Every((LINE, Every((IMAGE,))))))
    plan = Plan.of(batch, frozenset({"Image"}))
    assert (list(plan.held), plan.raw) == (["Image"], ["CommandLine"])
    made, asked = holding.lines(plan)
    assert "SELECT DISTINCT m1_0, f0 FROM placed" in made
    (one,) = asked
    assert one.startswith("SELECT 3::INTEGER AS rule, id FROM lines")
    assert one.endswith("CASE WHEN ((m1_0 & 1) <> 0) THEN contains(l0, lower(' /c ')) ELSE false END")
    (table,) = holding.dictionaries(plan)
    assert "FROM (SELECT *, lower(f1) AS l1 FROM (SELECT DISTINCT f1 FROM picked))" in table


def test_without_such_a_field_all_is_tried_on_the_values() -> None:
    batch = _batch(AskedOfEvents(3, (SOURCE,), Every((LINE, Not(IMAGE)))))
    plan = Plan.of(batch, frozenset())
    assert not plan.held
    assert list(holding.dictionaries(plan)) == []
    # What must not hold is looked at last.
    assert "CASE WHEN contains(l0" in holding.lines(plan)[1][0]


def test_the_same_part_of_several_predicates_is_one_bit() -> None:
    either = Either((IMAGE, LINE))
    batch = _batch(AskedOfEvents(1, (SOURCE,), either), AskedOfEvents(2, (SOURCE,), Not(IMAGE)))
    plan = Plan.of(batch, frozenset({"Image"}))
    assert len(plan.held["Image"]) == 2
    assert plan.known[IMAGE] == "((m1_0 & 1) <> 0)"


def test_more_bits_than_a_number_has_are_several() -> None:
    asked = [AskedOfEvents(n, (SOURCE,), Like("Image", (str(n),))) for n in range(130)]
    plan = Plan.of(_batch(*asked), frozenset({"Image"}))
    assert plan.masks("Image") == ["m0_0", "m0_1", "m0_2"]
    assert plan.known[Like("Image", ("129",))] == "((m0_2 & 512) <> 0)"


def test_values_that_are_compared_or_kept_are_there() -> None:
    alike = Every((IMAGE, Alike("Image", "ParentImage")))
    batch = _batch(AskedOfEvents(1, (SOURCE,), alike, keeps=("User", "Image")))
    plan = Plan.of(batch, frozenset({"Image", "ParentImage", "User"}))
    assert plan.raw == ["Image", "ParentImage"]
    assert "p.f2, m0_0" in holding.placed(plan)
    assert "CASE l.rule WHEN 1 THEN [p.f2, p.f0] END" in holding.met(plan)


def test_what_holds_for_every_event_needs_no_value() -> None:
    plan = Plan.of(_batch(AskedOfEvents(1, (SOURCE,), Every(()))), frozenset())
    made, asked = holding.lines(plan)
    assert "FROM (SELECT 1 AS nothing)" in made
    assert asked[0].endswith("WHERE true")
    assert holding.met(plan).endswith("ON true")
