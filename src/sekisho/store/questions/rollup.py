"""Connection-days from the two-way flows of one sensor; see `sekisho.store.queries.rollup`.

Lakes are rolled up by the embedded engine, which also puts together one-way records and what several
sensors saw: both are decided on arrays. This is the part that every engine can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sekisho.model.flows import Flag
from sekisho.store.engines.portable import Functions
from sekisho.store.queries.columns import CONNECTION, DAY
from sekisho.store.queries.hourly import HOUR
from sekisho.store.queries.months import CARRIED
from sekisho.store.queries.rollup import ONLY
from sekisho.store.questions.arithmetic import clamped, several
from sekisho.store.questions.flows import blocked, established, flagged, port_of, standing
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import CONNECTION_DAYS

if TYPE_CHECKING:
    import ibis.expr.types as ir


def connection_days(flows: ir.Table, superseded: ir.Table, day: int, functions: Functions) -> ir.Table:
    """CONNECTION_DAYS of the two-way flows that began on a day (its number)."""
    import ibis

    left = standing(flows, superseded)
    at = functions.micros(left["start"])
    left = left.filter(~flagged(left, Flag.ONE_WAY) & (at >= day * DAY) & (at < (day + 1) * DAY))
    oneway = ~established(left) & ~blocked(left)
    left = left.mutate(
        port=port_of(left, "dst_port"),
        was=established(left),
        oneway=oneway,
        until=ibis.ifelse(flagged(left, Flag.IMPOSSIBLE_TIME), left["start"], left["end"]),
        # To the right: ClickHouse takes 1 for eight bits wide, and shifts out of them.
        hour=ibis.literal(1 << 23) >> (23 - _hour(left, day, functions)),
    )
    volume = {f"oneway_{way}": clamped(left[f"bytes_{way}"], left["oneway"]) for way in ("out", "in")}
    found = left.group_by(["sensor", *CONNECTION]).agg(
        flows=left.count(),
        established=left["was"].cast("int64").sum(),
        first=left["start"].min(),
        last=left["until"].max(),
        first_established=left["start"].min(where=left["was"]),
        oneway_flows=left["oneway"].cast("int64").sum(),
        **{name: total.fill_null(0) for name, total in volume.items()},
        first_oneway=left["start"].min(where=left["oneway"]),
        **{name: clamped(left[name]) for name in CARRIED},
        hours=functions.bit_or(left["hour"]),
        flags=functions.bit_or(left["flags"].cast("int64")),
        orientation=left["orientation"].min(),
        services=several(left["service"].min(), left["service"].max()),
    )
    whole = found.mutate(piece_begin=ibis.literal(day * DAY), role=ibis.literal(ONLY))
    return shaped(whole, CONNECTION_DAYS)


def _hour(flows: ir.Table, day: int, functions: Functions) -> ir.Value:
    """The hour of the day in which a flow began, 0 to 23."""
    into = functions.micros(flows["start"]) - day * DAY
    return (into - into % HOUR) // HOUR
