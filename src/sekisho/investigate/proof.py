"""What the lake has on record of the connections that steps went over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sekisho.audit import evidence
from sekisho.audit.baseline import Day
from sekisho.audit.evidence import Key, key_of, rows_of
from sekisho.audit.sight import View
from sekisho.investigate.fabric import Fabric
from sekisho.model.hops import Evidence
from sekisho.store.lake import Lake
from sekisho.store.stage import Stage

EACH = 4
"""Records of a connection that are named as evidence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """`keys` name the connections (rows of the fabric). `measures` and `views` are of them (violating flows
    where a verdict minds them), `first` is the first time of each in all evidence, `records` are its raw
    records, `days` its days by row."""

    keys: Mapping[int, Key] = field(default_factory=dict)
    measures: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)
    views: Mapping[Key, Sequence[View]] = field(default_factory=dict)
    first: Mapping[Key, datetime] = field(default_factory=dict)
    records: Mapping[Key, Sequence[Evidence]] = field(default_factory=dict)
    days: Mapping[int, Sequence[Day]] = field(default_factory=dict)


def proof(
    stage: Stage,
    lake: Lake,
    fabric: Fabric,
    rows: Sequence[int],
    violations: Mapping[Key, Mapping[str, Any]],
    span: tuple[datetime | None, datetime | None],
) -> Proof:
    """Of some connections within a span of time; `violations` are those that no rule allows, as judged."""
    if not rows:
        return Proof()
    table = fabric.table(rows)
    keys = dict(zip(rows, map(key_of, rows_of(table)), strict=True))
    minded = {key: violations[key] for key in keys.values() if key in violations}
    return Proof(
        keys=keys,
        measures=by_key(rows_of(stage.measures(table))) | minded,
        views=evidence.views_of(stage.every_view(table)),
        first={key_of(row): row["first"] for row in rows_of(lake.first_last(table))},
        records=records_of(lake, table, *span),
        days=days_of(lake, table, rows),
    )


def by_key(rows: Iterable[Mapping[str, Any]]) -> dict[Key, Mapping[str, Any]]:
    """Rows by the connection they are about."""
    return {key_of(row): row for row in rows}


def days_of(lake: Lake, table: Any, rows: Sequence[int]) -> dict[int, list[Day]]:
    """The days of connections (`table` has their keys in the order of `rows`), in order."""
    found: dict[int, list[Day]] = {}
    for day in lake.uses.daily(table).to_pylist():
        one = Day(day["day"], int(day["sent"] + day["received"]), day["flows"], day["hours"])
        found.setdefault(rows[day["number"]], []).append(one)
    return found


def records_of(
    lake: Lake, table: Any, begin: datetime | None, end: datetime | None
) -> dict[Key, list[Evidence]]:
    """Raw records by connection; a record of the other direction is its connection's too."""
    wanted = set(map(key_of, rows_of(table)))
    found: dict[Key, list[Evidence]] = {}
    answer = lake.flows_of(table, begin, end, limit=16 * EACH * table.num_rows, each=4 * EACH)
    for row in rows_of(answer.flows):
        src = row["src_realm"], row["src_hi"], row["src_lo"]
        dst = row["dst_realm"], row["dst_hi"], row["dst_lo"]
        protocol = row["protocol"]
        for key in (
            (*src, *dst, protocol, row["dst_port"]),
            (*dst, *src, protocol, row["src_port"]),
            (*src, *dst, protocol, 0),
            (*dst, *src, protocol, 0),
        ):
            if key in wanted:
                one = Evidence(
                    path=row["path"], sha256=row["sha256"], row=row["row"], sensor=row["sensor"],
                    at=row["start"],
                )  # fmt: skip
                found.setdefault(key, []).append(one)
                break
    return found
