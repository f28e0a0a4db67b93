"""Conditions on an event's values as DuckDB's SQL. Nothing of a rule but quoted text and numbers gets into it.

Patterns with text between wildcards, and regular expressions, are RE2's: what they cost grows with the value,
whatever they are. Whether a value is missing is decided where `not` stands: see `model.predicates`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import Literal

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
    Pattern,
    Predicate,
    Present,
    Wild,
    Within,
)

_MAPPED = "0" * 20 + "ffff"
"""How the 32 digits of an IPv4 address written as an IPv6 one begin."""
_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = rf"{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}"
_GROUPS = "[0-9a-f]{1,4}(:[0-9a-f]{1,4})"
PREPARED = (
    r"""
    CREATE OR REPLACE TEMP MACRO as_number(v) AS CASE
        WHEN regexp_full_match(v, '[+-]?[0-9]{1,15}(\.[0-9]{1,15})?') THEN TRY_CAST(v AS DOUBLE)
        WHEN regexp_full_match(v, '0[xX][0-9a-fA-F]{1,13}')
            THEN CAST(TRY_CAST(lower(v) AS BIGINT) AS DOUBLE)
    END
    """,
    """
    CREATE OR REPLACE TEMP MACRO four_digits(v) AS
        array_to_string(list_transform(string_split(v, ':'), lambda g: lpad(g, 4, '0')), '')
    """,
    """
    CREATE OR REPLACE TEMP MACRO left_digits(v) AS CASE WHEN v = '' THEN '' ELSE four_digits(v) END
    """,
    """
    CREATE OR REPLACE TEMP MACRO four_octets(v) AS array_to_string(list_transform(string_split(v, '.'),
        lambda o: format('{:02x}', coalesce(TRY_CAST(o AS INTEGER), 0))), '')
    """,
    rf"""
    CREATE OR REPLACE TEMP MACRO address_of(v) AS CASE
        WHEN regexp_full_match(v, '{_V4}') THEN '{_MAPPED}' || four_octets(v)
        WHEN regexp_full_match(v, '::ffff:{_V4}') THEN '{_MAPPED}' || four_octets(v[8:])
        WHEN regexp_full_match(v, '{_GROUPS}{{7}}') THEN four_digits(v)
        WHEN regexp_full_match(v, '({_GROUPS}{{0,6}})?::({_GROUPS}{{0,6}})?')
            AND len(string_split(v, ':')) - (CASE WHEN starts_with(v, '::') THEN 1 ELSE 0 END)
                - (CASE WHEN ends_with(v, '::') THEN 1 ELSE 0 END) <= 8
        THEN left_digits(split_part(v, '::', 1))
            || repeat('0', greatest(0, 32 - length(left_digits(split_part(v, '::', 1)))
                - length(left_digits(split_part(v, '::', 2)))))
            || left_digits(split_part(v, '::', 2))
    END
    """,
)
"""What the conditions call, in the order in which they need each other: a text's number, and an address' 32
hexadecimal digits; null where it is none."""


class Columns:
    """Which columns hold values: the n-th field as it is in `f`n, in lower case in `l`n, as a number in `n`n,
    as an address in `a`n; all values of the event in `whole` and `whole_low`."""

    def __init__(
        self, fields: Mapping[str, int], held: Mapping[Predicate, str] = MappingProxyType({})
    ) -> None:
        self._fields = fields
        self.held = held
        """Parts that are known already, and what says whether they hold."""
        self.made: dict[str, str] = {}
        """Columns that were asked for besides those of values as they are, and what makes them."""

    def value(self, field: str | None, *, cased: bool) -> str:
        """The column of a field, or of everything."""
        if field is None:
            return "whole" if cased else self._made("whole_low", "lower(whole)")
        at = self._fields[field]
        return f"f{at}" if cased else self._made(f"l{at}", f"lower(f{at})")

    def number(self, field: str) -> str:
        """The column of a field's number."""
        at = self._fields[field]
        return self._made(f"n{at}", f"as_number(f{at})")

    def address(self, field: str) -> str:
        """The column of a field's address, as 32 hexadecimal digits."""
        at = self._fields[field]
        return self._made(f"a{at}", f"address_of(split_part(lower(f{at}), '%', 1))")

    def _made(self, name: str, how: str) -> str:
        self.made[name] = how
        return name


def literal(text: str) -> str:
    """Text as a literal. A NUL would end the statement: it is put in by its number."""
    parts = ["'" + part.replace("'", "''") + "'" for part in text.split("\0")]
    return parts[0] if len(parts) == 1 else "(" + " || chr(0) || ".join(parts) + ")"


def sql(predicate: Predicate, columns: Columns) -> str:
    """The condition; true where it holds, and null or false where it does not."""
    if (looked_up := columns.held.get(predicate)) is not None:
        return looked_up
    match predicate:
        case Every(parts):
            known, others = _parted(parts, columns)
            # What must not hold is looked at last: it has to be worked out for every row that is left.
            asked = [part for part in others if not isinstance(part, Not)]
            forbidden = [part for part in others if isinstance(part, Not)]
            stages = [
                _joined([sql(part, columns) for part in stage], "AND", empty="true")
                for stage in (known, asked, forbidden)
                if stage
            ]
            return _one_after_the_other(stages)
        case Either(parts):
            known, others = _parted(parts, columns)
            first = _joined([sql(part, columns) for part in known], "OR", empty="false")
            if not others:
                return first
            rest = _either(others, columns)
            return f"CASE WHEN {first} THEN true ELSE {rest} END" if known else rest
        case Not(part):
            return f"(NOT coalesce({sql(part, columns)}, false))"
        case Like(field, pattern, cased):
            return _like(columns.value(field, cased=cased), pattern, cased=cased)
        case Anywhere(pattern, cased):
            wide = (Wild.MANY, *pattern, Wild.MANY)
            return _like(columns.value(None, cased=cased), wide, cased=cased)
        case Expression(field, pattern, flags):
            return _matches(columns.value(field, cased=True), pattern, flags)
        case Compared(field, sign, number):
            return _compared(columns, field, sign, number)
        case Within(field, network):
            return _within(columns.address(field), network)
        case Present(field):
            return f"({columns.value(field, cased=True)} IS NOT NULL)"
        case Absent(field):
            return f"({columns.value(field, cased=True)} IS NULL)"
        case Alike(field, other, begins, ends, cased):
            one, two = (columns.value(name, cased=cased) for name in (field, other))
            return _alike(one, two, begins=begins, ends=ends)


def _one_after_the_other(stages: list[str]) -> str:
    """All of them; a later one is tried only where the earlier ones hold."""
    found = stages[-1] if stages else "true"
    for stage in reversed(stages[:-1]):
        found = f"CASE WHEN {stage} THEN {found} ELSE false END"
    return found


def _parted(
    parts: tuple[Predicate, ...], columns: Columns
) -> tuple[tuple[Predicate, ...], tuple[Predicate, ...]]:
    """Those that are known already, and the others. The engine is not asked to choose an order: it tries text
    first, because that can be tried while rows are read."""
    known = tuple(part for part in parts if _known(part, columns.held))
    return known, tuple(part for part in parts if part not in known)


def _known(predicate: Predicate, held: Mapping[Predicate, str]) -> bool:
    if predicate in held:
        return True
    match predicate:
        case Every(parts) | Either(parts):
            return bool(held) and bool(parts) and all(_known(part, held) for part in parts)
        case Not(part):
            return _known(part, held)
        case _:
            return False


def tried(one: Expression) -> str:
    """The expression over nothing: whether the engine takes it."""
    return f"SELECT {_matches(literal(''), one.pattern, one.flags)}"


def _matches(column: str, pattern: str, flags: str) -> str:
    chosen = "".join(sorted(set(flags) & set("ims")))
    return f"regexp_matches({column}, {literal(f'(?{chosen}){pattern}' if chosen else pattern)})"


def _joined(parts: list[str], word: Literal["AND", "OR"], *, empty: str) -> str:
    if not parts:
        return empty
    # Halved, since a chain of thousands would be nested as deep.
    while len(parts) > 1:
        parts = [
            f"({' '.join([parts[at], word, parts[at + 1]])})" if at + 1 < len(parts) else parts[at]
            for at in range(0, len(parts), 2)
        ]
    return parts[0]


def _either(parts: tuple[Predicate, ...], columns: Columns) -> str:
    """Plain values of one field are looked up at once."""
    plain: dict[tuple[str, bool], list[str]] = {}
    others: list[Predicate] = []
    for part in parts:
        match part:
            case Like(field, pattern, cased) if all(isinstance(one, str) for one in pattern):
                plain.setdefault((field, cased), []).append("".join(str(one) for one in pattern))
            case _:
                others.append(part)
    found = [
        f"({columns.value(field, cased=cased)} IN ({', '.join(_text(one, cased=cased) for one in texts)}))"
        for (field, cased), texts in plain.items()
    ]
    return _joined([*found, *(sql(part, columns) for part in others)], "OR", empty="false")


def _text(text: str, *, cased: bool) -> str:
    return literal(text) if cased else f"lower({literal(text)})"


def _like(column: str, pattern: Pattern, *, cased: bool) -> str:
    pattern = _tidied(pattern)
    many = Wild.MANY
    match pattern:
        case ():
            return f"({column} = '')"
        case (str(text),):
            return f"({column} = {_text(text, cased=cased)})"
        case (Wild.MANY,):
            return f"({column} IS NOT NULL)"
        case (str(text), Wild.MANY):
            return f"starts_with({column}, {_text(text, cased=cased)})"
        case (Wild.MANY, str(text)):
            return f"ends_with({column}, {_text(text, cased=cased)})"
        case (Wild.MANY, str(text), Wild.MANY):
            return f"contains({column}, {_text(text, cased=cased)})"
    expression = "".join(
        _escaped(one) if isinstance(one, str) else ".*" if one is many else "." for one in pattern
    )
    whole = f"regexp_full_match({column}, {_text(expression, cased=cased)}, 's')"
    longest = max((one for one in pattern if isinstance(one, str)), key=len, default="")
    # Most values lack the text, and to find that out is much cheaper.
    return f"(contains({column}, {_text(longest, cased=cased)}) AND {whole})" if longest else whole


def _tidied(pattern: Pattern) -> Pattern:
    """Texts side by side are one, and so are wildcards for many."""
    found: list[str | Wild] = []
    for one in pattern:
        if isinstance(one, str):
            if found and isinstance(found[-1], str):
                found[-1] += one
            elif one:
                found.append(one)
        elif not (one is Wild.MANY and found and found[-1] is Wild.MANY):
            found.append(one)
    return tuple(found)


def _escaped(text: str) -> str:
    """The text as RE2 takes it literally. It may be put in lower case: no escape has a letter but `\\x`."""
    return re.sub(r"[^0-9A-Za-z_\u0080-\U0010ffff]", _escape, text)


def _escape(found: re.Match[str]) -> str:
    one = found[0]
    return f"\\x{ord(one):02x}" if ord(one) < 32 or ord(one) == 127 else "\\" + one


def _compared(columns: Columns, field: str, sign: str, number: int | float) -> str:
    value = f"CAST({literal(repr(float(number)))} AS DOUBLE)"
    return f"({columns.number(field)} {'<>' if sign == '!=' else sign} {value})"


def _within(address: str, network: IPv4Network | IPv6Network) -> str:
    first, last = (int(one) for one in (network.network_address, network.broadcast_address))
    if isinstance(network, IPv4Network):
        return f"({address} BETWEEN '{_MAPPED}{first:08x}' AND '{_MAPPED}{last:08x}')"
    found = f"({address} BETWEEN '{first:032x}' AND '{last:032x}')"
    # The network of all IPv6 addresses means no IPv4 address.
    return (
        found if network.prefixlen >= 96 else f"({found} AND NOT starts_with({address}, '{_MAPPED}'))"
    )


def _alike(one: str, two: str, *, begins: bool, ends: bool) -> str:
    if begins and ends:
        return f"contains({one}, {two})"
    if begins:
        return f"starts_with({one}, {two})"
    return f"ends_with({one}, {two})" if ends else f"({one} = {two})"
