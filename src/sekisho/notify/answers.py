"""What an expression says of the facts so far: yes, no, or not known and which facts would decide it.

Three-valued as Kleene's strong logic: what is not known decides nothing, and does not stop what is known
from deciding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sekisho.notify.language import Compare, Constant, Expression, Fact, Join, Known, Not
from sekisho.notify.vocabulary import Value


@dataclass(frozen=True, slots=True)
class Answer:
    """`holds` is None where facts are missing; `missing` names those that could decide it. `because` are
    the facts that did."""

    holds: bool | None
    missing: frozenset[str] = frozenset()
    because: frozenset[str] = frozenset()


def answer(expression: Expression, facts: Mapping[str, Value]) -> Answer:
    """Hold an expression against facts."""
    match expression:
        case Constant(value):
            return Answer(value is True)
        case Fact(name):
            if name not in facts:
                return Answer(None, frozenset({name}))
            return Answer(facts[name] is True, because=frozenset({name}))
        case Known(name):
            return Answer(name in facts, because=frozenset({name}))
        case Not(part):
            inner = answer(part, facts)
            return Answer(
                None if inner.holds is None else not inner.holds, inner.missing, inner.because
            )
        case Join(word, parts):
            return _joined(word == "or", [answer(part, facts) for part in parts])
        case Compare():
            return _compared(expression, facts)


def _joined(decisive: bool, answers: list[Answer]) -> Answer:
    deciding = [one for one in answers if one.holds is decisive]
    if deciding:
        return Answer(decisive, because=deciding[0].because)
    open_ = [one for one in answers if one.holds is None]
    because = frozenset().union(*(one.because for one in answers))
    if open_:
        return Answer(None, frozenset().union(*(one.missing for one in open_)), because)
    return Answer(not decisive, because=because)


def _compared(comparison: Compare, facts: Mapping[str, Value]) -> Answer:
    sides: list[Value] = []
    used: set[str] = set()
    missing: set[str] = set()
    for side in (comparison.left, comparison.right):
        if isinstance(side, Constant):
            sides.append(side.value)
        elif side.name in facts:
            used.add(side.name)
            sides.append(facts[side.name])
        else:
            missing.add(side.name)
    if missing:
        return Answer(None, frozenset(missing), frozenset(used))
    left, right = sides
    return Answer(_holds(left, comparison.operator, right), because=frozenset(used))


def _holds(left: Value, operator: str, right: Value) -> bool:
    if operator == "in":
        return isinstance(right, frozenset) and left in right
    if operator == "meets":
        return (
            isinstance(left, frozenset) and isinstance(right, frozenset) and not left.isdisjoint(right)
        )
    if operator in ("=", "!="):
        return (left == right) is (operator == "=")
    if isinstance(left, int) and isinstance(right, int):
        apart = left - right
    elif isinstance(left, datetime) and isinstance(right, datetime):
        apart = (left - right) // timedelta(microseconds=1)
    else:
        raise TypeError(f"{left!r} {operator} {right!r}")
    return {"<": apart < 0, "<=": apart <= 0, ">": apart > 0, ">=": apart >= 0}[operator]
