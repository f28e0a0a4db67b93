"""The verdicts of connections, and what they come to; see `sekisho.store.queries.verdicts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sekisho.model.verdicts import Rank
from sekisho.store.engines.portable import Functions
from sekisho.store.queries.columns import CONNECTION, DAY
from sekisho.store.queries.levels import IDENTITY
from sekisho.store.queries.months import CARRIED, PIECE_LEVEL
from sekisho.store.queries.rollup import ONLY, VIEW
from sekisho.store.queries.verdicts import WORST_FOUND
from sekisho.store.questions.arithmetic import clamped, floored, several
from sekisho.store.questions.decisions import needs_established
from sekisho.store.questions.ends import counted
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import (
    COMBINATIONS,
    CONNECTION_TOTALS,
    FLOW_TOTALS,
    JUDGED_ALL,
    JUDGED_CONNECTIONS,
    LINKS,
    OF_SERVICES,
    USAGE,
    VIEWS,
    VIOLATIONS,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

_BYTES = ("bytes_out", "bytes_out_spread", "bytes_in", "bytes_in_spread")
_CLASSES = ("src_class", "dst_class")


def judged_connections(judged: ir.Table, functions: Functions) -> ir.Table:
    """JUDGED_CONNECTIONS: of each connection the worst rank, and the classes of the first of the worst
    rows of JUDGED."""
    order = _first_of_the_worst(judged, functions)
    return shaped(
        judged.group_by(list(CONNECTION)).agg(
            rank=judged["rank"].max(),
            flows=judged["flows"].sum(),
            first=judged["first"].min(),
            last=judged["last"].max(),
            **{name: judged[name].argmax(order) for name in _CLASSES},
            **{name: clamped(judged[name]) for name in _BYTES},
        ),
        JUDGED_CONNECTIONS,
    )


def _first_of_the_worst(rows: ir.Table, functions: Functions) -> Any:
    """Greatest for the first of the worst; milliseconds, so that times of any year fit beside a rank."""
    return rows["rank"].cast("int64") * (1 << 56) - (functions.micros(rows["since"]) >> 10)


def judged(connections: ir.Table) -> ir.Table:
    """JUDGED_ALL: every connection of JUDGED_CONNECTIONS with its rank."""
    return shaped(connections, JUDGED_ALL)


def links(connections: ir.Table) -> ir.Table:
    """LINKS: connections by the classes of their ends and their rank."""
    return shaped(
        connections.group_by([*_CLASSES, "rank"]).agg(
            connections=connections.count(),
            flows=connections["flows"].sum(),
            **{name: clamped(connections[name]) for name in _BYTES},
        ),
        LINKS,
    )


def of_services(connections: ir.Table, services: Sequence[tuple[int, int]]) -> ir.Table:
    """OF_SERVICES: as LINKS, of connections of one of the services (protocol, port) alone, by service."""
    import ibis

    chosen = ibis.or_(
        *((connections["protocol"] == one) & (connections["port"] == port) for one, port in services)
    )
    found = connections.filter(chosen)
    return shaped(
        found.group_by([*_CLASSES, "protocol", "port"]).agg(
            connections=found.count(),
            flows=found["flows"].sum(),
            **{name: clamped(found[name]) for name in _BYTES},
        ),
        OF_SERVICES,
    )


def connection_totals(connections: ir.Table) -> ir.Table:
    """CONNECTION_TOTALS: connections by rank."""
    return shaped(connections.group_by("rank").agg(connections=connections.count()), CONNECTION_TOTALS)


def flow_totals(judged: ir.Table) -> ir.Table:
    """FLOW_TOTALS: flows by rank; those of a refused row that were not established are attempts."""
    import ibis

    refused = needs_established(judged["decided"])
    whole = judged.select(
        rank=judged["decided"].cast("int64"),
        flows=ibis.ifelse(refused, judged["counted"], judged["flows"]),
    )
    tries = judged.filter(refused).select(
        rank=ibis.literal(int(Rank.ATTEMPTED), "int64"), flows=judged["flows"] - judged["counted"]
    )
    both = ibis.union(whole, tries)
    found = both.group_by("rank").agg(flows=both["flows"].sum())
    return shaped(found.filter(found["flows"] > 0), FLOW_TOTALS)


def violating(judged: ir.Table) -> ir.Table:
    """JUDGED rows that are of a finding."""
    return judged.filter(judged["rank"] >= WORST_FOUND)


def violations(rows: ir.Table, judged: ir.Table, functions: Functions) -> ir.Table:
    """VIOLATIONS: of each connection that is found the measures of its violating rows, from all ROWS of
    the window and what was JUDGED."""
    return _measures(rows, violating(judged), functions)


def measures(rows: ir.Table, judged: ir.Table, asked: ir.Table, functions: Functions) -> ir.Table:
    """VIOLATIONS of each connection of `asked` (CONNECTIONS), found or not, of all its rows."""
    return _measures(rows, judged.semi_join(asked, list(CONNECTION)), functions)


def _measures(rows: ir.Table, judged: ir.Table, functions: Functions) -> ir.Table:
    import ibis

    worst = judged.select(*IDENTITY, "rank", "since", *_CLASSES)
    found = counted(rows).join(worst, list(IDENTITY))
    # The pieces of one day are one active day.
    piece = found["level"] == PIECE_LEVEL
    day = ibis.ifelse(piece, floored(found["span"], DAY), found["span"])
    found = found.mutate(day=day, piece=piece)
    again = ibis.window(group_by=[*CONNECTION, "piece", "day"], order_by="span")
    found = found.mutate(place=ibis.row_number().over(again))
    found = found.mutate(
        days=ibis.ifelse(
            found["piece"], (found["place"] == 0).cast("int64"), found["days"].cast("int64")
        )
    )
    order = _first_of_the_worst(found, functions)
    return shaped(
        found.group_by(list(CONNECTION)).agg(
            rank=found["rank"].max(),
            flows=found["flows"].sum(),
            established=found["counted"].sum(),
            days_active=found["days"].sum(),
            first_seen=found["first"].min(),
            last_seen=found["last"].max(),
            first_established=found["first_counted"].min(),
            **{name: clamped(found[name]) for name in CARRIED},
            hours=functions.bit_or(found["hours"].cast("int64")),
            flags=functions.bit_or(found["flags"].cast("int64")),
            orientation=found["orientation"].min(),
            services=several(found["services"].min(), found["services"].max()),
            **{name: found[name].argmax(order) for name in _CLASSES},
            judged_at=found["since"].argmax(order),
        ),
        VIOLATIONS,
    )


def views(rows: ir.Table, judged: ir.Table, asked: ir.Table) -> ir.Table:
    """VIEWS: per connection of `asked` (CONNECTIONS) and sensor what that sensor alone saw of its
    violating rows."""
    return every_view(rows, violating(judged), asked)


def every_view(rows: ir.Table, judged: ir.Table, asked: ir.Table) -> ir.Table:
    """VIEWS of all rows of JUDGED."""
    seen = rows.filter(rows["role"].isin([ONLY, VIEW]))
    seen = seen.semi_join(asked, list(CONNECTION)).semi_join(judged, list(IDENTITY))
    return shaped(
        seen.group_by([*CONNECTION, "sensor"]).agg(
            flows=seen["flows"].sum(),
            established=seen["established"].sum(),
            first=seen["first"].min(),
            last=seen["last"].max(),
            first_established=seen["first_established"].min(),
        ),
        VIEWS,
    )


def usage(judged: ir.Table) -> ir.Table:
    """USAGE: between which flows each combination was seen."""
    return shaped(
        judged.group_by(list(COMBINATIONS.names)).agg(
            first=judged["first"].min(), last=judged["last"].max()
        ),
        USAGE,
    )
