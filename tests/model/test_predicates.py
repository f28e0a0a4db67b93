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
    gathered,
    of_one_field,
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


def test_parts_that_ask_for_one_value_are_put_together() -> None:
    a1, a2, b = Like("a", ("1",)), Like("a", ("2",)), Like("b", ("3",))
    assert gathered(Every((a1, Every((b, a2))))) == Every((Every((a1, a2)), b))
    assert gathered(Either((a1, Either((a2,))))) == Either((a1, a2))
    assert gathered(Not(Either((b, Every((a1, b, a2)))))) == Not(
        Either((b, Every((Every((a1, a2)), b))))
    )


def test_the_largest_parts_about_one_value() -> None:
    a, b = Like("a", ("1",)), Like("b", ("3",))
    both = Alike("a", "b")
    predicate = Every((Not(Either((a, Present("a")))), Either((b, both)), Anywhere(("x",))))
    assert list(of_one_field(predicate)) == [("a", Not(Either((a, Present("a"))))), ("b", b)]
