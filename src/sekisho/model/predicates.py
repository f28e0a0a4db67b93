"""What a rule of detection asks of one event: conditions on its values, joined by and, or, not.

A value that the event does not have meets no condition but `Absent`; so `not` of a condition holds for it.
Text is compared without regard to case unless a condition is `cased`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network, IPv6Network
from typing import Literal


class Wild(Enum):
    """What stands for text that is not given."""

    MANY = "*"
    ONE = "?"


Pattern = tuple[str | Wild, ...]
Comparison = Literal["=", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class Every:
    """All of them hold."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one holds."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """It does not hold."""

    part: Predicate


@dataclass(frozen=True, slots=True)
class Like:
    """The whole value is the pattern."""

    field: str
    pattern: Pattern
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Anywhere:
    """The pattern is found within the event's values, which are joined by line feeds."""

    pattern: Pattern
    cased: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression (RE2) is found within the value, or anywhere in the event where `field` is None;
    `flags` of i, m, s."""

    field: str | None
    pattern: str
    flags: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """The value is a decimal number, and it compares so."""

    field: str
    sign: Comparison
    number: int | float


@dataclass(frozen=True, slots=True)
class Within:
    """The value is an address of the network; an IPv4 address may be written as an IPv6 one."""

    field: str
    network: IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Present:
    """The event has the value."""

    field: str


@dataclass(frozen=True, slots=True)
class Absent:
    """The event does not have the value."""

    field: str


@dataclass(frozen=True, slots=True)
class Alike:
    """The value is the other one, or begins, ends with or contains it where so said."""

    field: str
    other: str
    begins: bool = False
    ends: bool = False
    cased: bool = False


Condition = Like | Anywhere | Expression | Compared | Within | Present | Absent | Alike
Predicate = Every | Either | Not | Condition


def conditions(predicate: Predicate) -> Iterator[Condition]:
    """Every condition in it."""
    match predicate:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from conditions(part)
        case Not(part):
            yield from conditions(part)
        case _:
            yield predicate


def fields(predicate: Predicate) -> tuple[frozenset[str], bool]:
    """The values it asks for, and whether it asks for all of the event."""
    names: set[str] = set()
    everything = False
    for one in conditions(predicate):
        match one:
            case Anywhere() | Expression(field=None):
                everything = True
            case Alike(field=field, other=other):
                names |= {field, other}
            case Expression(field=str(field)) | Like(field=field) | Compared(field=field):
                names.add(field)
            case Within(field=field) | Present(field=field) | Absent(field=field):
                names.add(field)
    return frozenset(names), everything


def gathered(predicate: Predicate) -> Predicate:
    """The same with the parts side by side that ask for one value put together, whatever held them apart."""
    match predicate:
        case Every():
            return Every(_side_by_side(tuple(_flat(predicate, Every)), Every))
        case Either():
            return Either(_side_by_side(tuple(_flat(predicate, Either)), Either))
        case Not(part):
            return Not(gathered(part))
        case _:
            return predicate


def _flat(predicate: Predicate, join: type[Every | Either]) -> Iterator[Predicate]:
    if isinstance(predicate, join):
        for part in predicate.parts:
            yield from _flat(part, join)
    else:
        yield predicate


def _side_by_side(parts: tuple[Predicate, ...], join: type[Every | Either]) -> tuple[Predicate, ...]:
    alone: dict[str, list[Predicate]] = {}
    others: list[Predicate] = []
    for part in parts:
        names, whole = fields(part)
        if len(names) == 1 and not whole:
            alone.setdefault(next(iter(names)), []).append(part)
        else:
            others.append(gathered(part))
    if len(alone) == 1 and not others:
        return parts
    found = [some[0] if len(some) == 1 else join(tuple(some)) for some in alone.values()]
    return (*found, *others)


def of_one_field(predicate: Predicate) -> Iterator[tuple[str, Predicate]]:
    """The largest parts that ask for one value alone, with its name."""
    names, whole = fields(predicate)
    if len(names) == 1 and not whole:
        yield next(iter(names)), predicate
        return
    match predicate:
        case Every(parts) | Either(parts):
            for part in parts:
                yield from of_one_field(part)
        case Not(part):
            yield from of_one_field(part)


def only_numbers(predicate: Predicate, field: str) -> frozenset[int] | None:
    """The whole numbers one of which the value must be where the predicate holds; None where that is not
    said."""
    match predicate:
        case Compared(field=name, sign="=", number=int(number)) if name == field:
            return frozenset({number})
        case Like(field=name, pattern=(str(text),)) if name == field and text.isdecimal():
            return frozenset({int(text)}) if text.isascii() and len(text) < 10 else None
        case Every(parts):
            said = [one for part in parts if (one := only_numbers(part, field)) is not None]
            return frozenset.intersection(*said) if said else None
        case Either(parts):
            each = [only_numbers(part, field) for part in parts]
            if not each or any(one is None for one in each):
                return None
            return frozenset().union(*(one for one in each if one is not None))
        case _:
            return None
