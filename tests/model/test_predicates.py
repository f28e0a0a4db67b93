from __future__ import annotations

from ipaddress import ip_network

import pytest

from sekisho.model.predicates import (
    Absent,
    Alike,
    Anywhere,
    Compared,
    Either,
    Every,
    Expression,
    Like,
    Not,
    Predicate,
    Present,
    Wild,
    Within,
    conditions,
    fields,
    only_numbers,
)

ID_1, ID_2 = Compared("EventID", "=", 1), Like("EventID", ("2",))


def test_every_condition_is_found() -> None:
    parts = (
        Like("a", ("x",)),
        Compared("b", "<", 1),
        Within("c", ip_network("10.0.0.0/8")),
        Present("d"),
        Absent("e"),
        Alike("f", "g"),
        Expression("h", "x"),
    )
    predicate = Every((Either(parts[:3]), Not(Every(parts[3:]))))
    assert tuple(conditions(predicate)) == parts
    assert fields(predicate) == (frozenset("abcdefgh"), False)


@pytest.mark.parametrize("one", [Anywhere(("x", Wild.ONE)), Expression(None, "x")])
def test_what_is_looked_for_anywhere_needs_the_whole_event(one: Predicate) -> None:
    assert fields(Not(one)) == (frozenset(), True)


@pytest.mark.parametrize(
    ("predicate", "numbers"),
    [
        (ID_1, {1}),
        (Either((ID_1, ID_2)), {1, 2}),
        (Every((Either((ID_1, ID_2)), ID_2, Present("a"))), {2}),
        (Every((ID_1, ID_2)), set()),
        (Every((ID_1, Not(ID_2))), {1}),
        (Either((ID_1, Present("a"))), None),
        (Not(ID_1), None),
        (Compared("EventID", ">", 1), None),
        (Compared("EventID", "=", 1.5), None),
        (Like("EventID", ("2", Wild.MANY)), None),
        (Like("EventID", ("²",)), None),
        (Every(()), None),
        (Either(()), None),
    ],
)
def test_which_numbers_an_event_must_have(predicate: Predicate, numbers: set[int] | None) -> None:
    assert only_numbers(predicate, "EventID") == numbers
