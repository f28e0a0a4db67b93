"""Connections over all time, and the raw records behind them; see `sekisho.store.queries.history`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sekisho.model.flows import FLOW_SCHEMA
from sekisho.store.engines.portable import Functions
from sekisho.store.queries.columns import CONNECTION
from sekisho.store.questions.ends import counted
from sekisho.store.questions.flows import port_of, standing
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import FIRST_LAST, RECORDS, TOUCHING

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SUMMED = (*CONNECTION, "role", "first", "last", "flows")


def rows(months: ir.Table, days: ir.Table) -> ir.Table:
    """What is asked of CONNECTION_MONTHS and of the CONNECTION_DAYS that no month sums up."""
    import ibis

    return ibis.union(months.select(*_SUMMED), days.select(*_SUMMED))


def first_last(rows: ir.Table, asked: ir.Table) -> ir.Table:
    """FIRST_LAST of the connections in `asked` (CONNECTIONS)."""
    found = counted(rows).semi_join(asked, list(CONNECTION))
    return shaped(
        found.group_by(list(CONNECTION)).agg(first=found["first"].min(), last=found["last"].max()),
        FIRST_LAST,
    )


def touching(rows: ir.Table, asked: ir.Table, limit: int) -> ir.Table:
    """TOUCHING: connections with an end in `asked` (realm, hi, lo), at most `limit`, those with the most
    flows first."""
    import ibis

    src, dst = (
        asked.rename({f"{end}_{name}": name for name in ("realm", "hi", "lo")})
        for end in ("src", "dst")
    )
    at_src, at_dst = list(src.columns), list(dst.columns)
    whole = counted(rows)
    near = ibis.union(whole.semi_join(src, at_src), whole.semi_join(dst, at_dst).anti_join(src, at_src))
    found = near.group_by(list(CONNECTION)).agg(
        first=near["first"].min(), last=near["last"].max(), flows=near["flows"].sum()
    )
    ordered = shaped(found, TOUCHING)
    return ordered.order_by([ordered["flows"].desc(), *CONNECTION]).limit(limit)


def serving(rows: ir.Table, services: Sequence[tuple[int, int]], limit: int) -> ir.Table:
    """TOUCHING: connections of one of the services (protocol, port), at most `limit`, those with the most
    flows first."""
    import ibis

    whole = counted(rows)
    chosen = ibis.or_(*((whole["protocol"] == one) & (whole["port"] == port) for one, port in services))
    near = whole.filter(chosen)
    found = near.group_by(list(CONNECTION)).agg(
        first=near["first"].min(), last=near["last"].max(), flows=near["flows"].sum()
    )
    ordered = shaped(found, TOUCHING)
    return ordered.order_by([ordered["flows"].desc(), *CONNECTION]).limit(limit)


def days(days: ir.Table, asked: ir.Table) -> ir.Table:
    """`day`: where days begin (microseconds) on which any of the connections in `asked` was seen."""
    return days.semi_join(asked, list(CONNECTION)).select(day=days["piece_begin"]).distinct()


def records(
    flows: ir.Table,
    asked: ir.Table,
    superseded: ir.Table,
    files: ir.Table,
    window: tuple[int | None, int | None],
    functions: Functions,
) -> ir.Table:
    """RECORDS: raw rows of the connections in `asked`, either way round, that count; `superseded` is
    (file, row), `files` (file, path, sha256), the window in microseconds."""
    import ibis

    start = functions.micros(flows["start"])
    for bound, within in ((window[0], start.__ge__), (window[1], start.__lt__)):
        if bound is not None:
            flows = flows.filter(within(bound))
    names = list(FLOW_SCHEMA.names)
    one = flows.mutate(port=port_of(flows, "dst_port"))
    other = flows.mutate(port=port_of(flows, "src_port"))
    turned = asked.rename({name: _turned(name) for name in CONNECTION if _turned(name) != name})
    found = ibis.union(
        one.semi_join(asked, list(CONNECTION)).select(*names),
        other.semi_join(turned, list(CONNECTION)).select(*names),
        distinct=True,
    )
    return shaped(standing(found, superseded).join(files, "file"), RECORDS)


def _turned(name: str) -> str:
    """The column of the other end."""
    side, _, part = name.partition("_")
    return {"src": "dst_", "dst": "src_"}[side] + part if part else name


def ordered(records: ir.Table, limit: int, each: int) -> ir.Table:
    """At most `limit` RECORDS in order of time, at most `each` of one connection."""
    import ibis

    time: list[Any] = ["start", "sensor", "file", "row"]
    of = [*(name for name in CONNECTION if name != "port"), "dst_port"]
    placed = records.mutate(place=ibis.row_number().over(group_by=of, order_by=time))
    return placed.filter(placed["place"] < each).drop("place").order_by(time).limit(limit)
