"""What events have to do with each other: how many of a group come within a time, how many different values,
whether several kinds come together, or one after the other.

Reads `hits_once`; what takes part in a match goes to `correlated`. A window ends with each event in turn, and
both its ends belong to it. An event that lacks a value that groups are made by belongs to no group.

A correlation of correlations looks at their matches as at events: each is at the event that completes it, and
has the values that its groups are made by. What takes part in it are the events of the matches that do. Source:
the Sigma correlation rules specification 2.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sekisho.model.predicates import Comparison

CorrelationKind = Literal["event_count", "value_count", "temporal", "temporal_ordered"]


@dataclass(frozen=True, slots=True)
class Correlated:
    """One correlation of what met the predicates `rules`, within `span` microseconds. Each of these keeps the
    values that groups are made by at the places `keys` says of it, and the value that is counted at `value`.
    `nested` are those of the `rules` that are correlations, asked before; `wanted` says whether others look at
    its matches, and `silent` whether only they do."""

    number: int
    kind: CorrelationKind
    rules: tuple[int, ...]
    span: int
    keys: tuple[tuple[int, ...], ...]
    sign: Comparison = ">="
    count: int = 1
    value: tuple[int, ...] = ()
    nested: tuple[Correlated, ...] = ()
    wanted: bool = False
    silent: bool = False


MATCHES = "CREATE OR REPLACE TEMP TABLE matches AS SELECT * FROM hits_once LIMIT 0"
"""Matches as others look at them: like `hits_once`, with what their groups are made by kept."""
RESULT = """
    CREATE OR REPLACE TEMP TABLE correlated (
        rule INTEGER, terminal VARCHAR, host VARCHAR, event_id INTEGER, record BIGINT, time TIMESTAMPTZ,
        place STRUCT(file INTEGER, row BIGINT), channel VARCHAR
    )
"""
_GROUP = "PARTITION BY grouped ORDER BY instant"


def statements(one: Correlated) -> Sequence[str]:
    """What adds to `correlated` the events that take part in a match."""
    span = int(one.span)
    if one.kind == "temporal_ordered":
        marked = _ordered(one, span)
    else:
        window = f"({_GROUP} RANGE BETWEEN {span} PRECEDING AND CURRENT ROW)"
        counted = {
            "event_count": "count(*)",
            "value_count": "count(DISTINCT counted)",
            "temporal": "count(DISTINCT rule)",
        }[one.kind]
        met = f"{counted} OVER {window} {_sign(one.sign)} {int(one.count)}"
        marked = _marked(f"CASE WHEN {met} THEN instant - {span} END", "grouping")
    found = [_grouping(one), marked]
    if one.wanted:
        found += _remembered(one)
    if not one.silent:
        found += _taken_apart(one) if one.nested else [_told(one, _taking("since", span, "matched"))]
    return found


def _taking(since: str, span: int, source: str) -> str:
    """An event takes part where a match that ends at it or later begins no later than it."""
    follows = f"({_GROUP} RANGE BETWEEN CURRENT ROW AND {int(span)} FOLLOWING)"
    return (
        f"SELECT * FROM (SELECT *, min({since}) OVER {follows} AS begun FROM {source})"
        " WHERE begun <= instant"
    )


_EVENT = "terminal, host, event_id, record, time, place, channel"


def _told(one: Correlated, events: str) -> str:
    return f"INSERT INTO correlated SELECT {int(one.number)}, {_EVENT} FROM ({events})"


def _remembered(one: Correlated) -> Sequence[str]:
    """Table `matched_`n: what a correlation looked at; its matches go to `matches`, each event's once."""
    number = int(one.number)
    kept = f"CREATE OR REPLACE TEMP TABLE matched_{number} AS SELECT * FROM matched"
    shown = (
        f"INSERT INTO matches SELECT {number}, terminal, host, log, event_id, record, time, place, channel,"
        f" grouped FROM matched_{number} WHERE since IS NOT NULL"
        " QUALIFY row_number() OVER (PARTITION BY grouped, place ORDER BY step) = 1"
    )
    return [kept, shown]


def _taken_apart(one: Correlated) -> Sequence[str]:
    """Adds the events of the matches that take part, each once, and those beside them."""
    part = f"CREATE OR REPLACE TEMP TABLE part AS SELECT {_EVENT} FROM hits_once LIMIT 0"
    taking = f"CREATE OR REPLACE TEMP TABLE taking AS {_taking('since', one.span, 'matched')}"
    found = [part, taking, *_apart(one, "taking")]
    return [*found, _told(one, "SELECT DISTINCT * FROM part")]


def _apart(one: Correlated, taking: str) -> Sequence[str]:
    """Of what takes part in a correlation, in the table `taking`, the events."""
    numbers = ", ".join(str(int(inner.number)) for inner in one.nested)
    plain = f" WHERE rule NOT IN ({numbers})" if numbers else ""
    found = [f"INSERT INTO part SELECT {_EVENT} FROM {taking}{plain}"]
    for inner in one.nested:
        number, table = int(inner.number), f"{taking}_{int(inner.number)}"
        source = (
            f"(SELECT m.*, CASE WHEN t.place IS NOT NULL THEN m.since END AS own FROM matched_{number} m"
            f" LEFT JOIN (SELECT DISTINCT place FROM {taking} WHERE rule = {number}) t ON t.place = m.place)"
        )
        found.append(f"CREATE OR REPLACE TEMP TABLE {table} AS {_taking('own', inner.span, source)}")
        found += _apart(inner, table)
    return found


def _marked(since: str, source: str) -> str:
    """Table `matched`: with when the match begins that ends with an event."""
    return f"CREATE OR REPLACE TEMP TABLE matched AS SELECT *, {since} AS since FROM {source}"


def _grouping(one: Correlated) -> str:
    parts = []
    nested = {inner.number for inner in one.nested}
    for at, rule in enumerate(one.rules):
        source = "matches" if rule in nested else "hits_once"
        keys = [f"kept[{int(key) + 1}]" for key in one.keys[at]]
        counted = f"kept[{int(one.value[at]) + 1}]" if one.value else "NULL::VARCHAR"
        grouped = f"[{', '.join(f'lower({key})' for key in keys)}]" if keys else "[]::VARCHAR[]"
        known = "".join(f" AND {key} IS NOT NULL" for key in keys)
        parts.append(
            f"SELECT *, {at + 1} AS step, epoch_us(time) AS instant, {grouped} AS grouped, {counted} AS counted"
            f" FROM {source} WHERE rule = {int(rule)}{known}"
        )
    return "CREATE OR REPLACE TEMP TABLE grouping AS " + " UNION ALL ".join(parts)


def _ordered(one: Correlated, span: int) -> str:
    """How late the first step may have been, step by step: the last one that leads to each event."""
    before = f"({_GROUP} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    found = "SELECT *, CASE WHEN step = 1 THEN instant END AS s1 FROM grouping"
    for step in range(2, len(one.rules) + 1):
        found = (
            f"SELECT *, CASE WHEN step = {step} THEN max(s{step - 1}) OVER {before} END AS s{step}"
            f" FROM ({found})"
        )
    last = f"s{len(one.rules)}"
    # Where the last first step leads here, so do all others before it.
    window = f"({_GROUP} RANGE BETWEEN {span} PRECEDING AND CURRENT ROW)"
    first = f"CASE WHEN {last} >= instant - {span} THEN min(s1) OVER {window} END"
    return _marked(first, f"({found})")


def _sign(sign: Comparison) -> str:
    return "<>" if sign == "!=" else sign
