"""What events have to do with each other: how many of a group come within a time, how many different values,
whether several kinds come together, or one after the other.

Reads `hits_once`; what takes part in a match goes to `correlated`. A window ends with each event in turn, and
both its ends belong to it. An event that lacks a value that groups are made by belongs to no group. Source: the
Sigma correlation rules specification 2.1.
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
    values that groups are made by at the places `keys` says of it, and the value that is counted at `value`."""

    number: int
    kind: CorrelationKind
    rules: tuple[int, ...]
    span: int
    keys: tuple[tuple[int, ...], ...]
    sign: Comparison = ">="
    count: int = 1
    value: tuple[int, ...] = ()


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
    # An event takes part where a match that ends at it or later begins no later than it.
    follows = f"({_GROUP} RANGE BETWEEN CURRENT ROW AND {span} FOLLOWING)"
    result = (
        f"INSERT INTO correlated SELECT {int(one.number)}, terminal, host, event_id, record, time, place,"
        f" channel FROM (SELECT *, min(since) OVER {follows} AS begun FROM matched)"
        " WHERE begun <= instant"
    )
    return [_grouping(one), marked, result]


def _marked(since: str, source: str) -> str:
    """Table `matched`: with when the match begins that ends with an event."""
    return f"CREATE OR REPLACE TEMP TABLE matched AS SELECT *, {since} AS since FROM {source}"


def _grouping(one: Correlated) -> str:
    parts = []
    for at, rule in enumerate(one.rules):
        keys = [f"kept[{int(key) + 1}]" for key in one.keys[at]]
        counted = f"kept[{int(one.value[at]) + 1}]" if one.value else "NULL::VARCHAR"
        grouped = f"[{', '.join(f'lower({key})' for key in keys)}]" if keys else "[]::VARCHAR[]"
        known = "".join(f" AND {key} IS NOT NULL" for key in keys)
        parts.append(
            f"SELECT *, {at + 1} AS step, epoch_us(time) AS instant, {grouped} AS grouped, {counted} AS counted"
            f" FROM hits_once WHERE rule = {int(rule)}{known}"
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
