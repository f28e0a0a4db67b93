"""Connection-months: the connection-days of one calendar month, one row per connection and sensor.

A row of any level (month, day, piece of a day) says the same things under the same names, so that the
same questions are asked of all: `LEVELS` and `MEASURES`.
"""

from __future__ import annotations

from sekisho.model.flows import ONE_WAY_VOLUME
from sekisho.store.queries.columns import DAY, ENDS, KEY
from sekisho.store.queries.conversations import clamped
from sekisho.store.queries.summing import summed

MONTH_LEVEL, DAY_LEVEL, PIECE_LEVEL = 0, 1, 2
"""Levels: what one row covers."""

_ONEWAY = f"greatest(oneway_out, oneway_in) >= {ONE_WAY_VOLUME}"
CARRIED = (
    "bytes_out",
    "bytes_out_spread",
    "bytes_in",
    "bytes_in_spread",
    "payload_out",
    "payload_in",
    "packets_out",
    "packets_in",
)
"""Measures that add up."""

MEASURES = f"""
        sum(days)::INTEGER AS days,
        sum(flows)::BIGINT AS flows,
        sum(established)::BIGINT AS established,
        sum(counted)::BIGINT AS counted,
        min(first) AS first,
        max(last) AS last,
        min(first_established) AS first_established,
        min(first_counted) AS first_counted,
        {", ".join(f"{clamped(f'sum({name})')} AS {name}" for name in CARRIED)},
        bit_or(hours) AS hours,
        bit_or(flags) AS flags,
        min(orientation) AS orientation,
        CASE WHEN min(services) = max(services) THEN min(services) ELSE
            split_part(min(services), ',', 1) || ',' || split_part(max(services), ',', -1)
        END AS services"""
"""`counted` are the flows that count as established, `first_counted` the first of them; `days` on how
many days there were flows."""


def rows_of_days(source: str, level: int = DAY_LEVEL) -> str:
    """Rows of whole days, or with PIECE_LEVEL of pieces of days, from a relation of roll-ups."""
    span = f"(day - DATE '1970-01-01')::BIGINT * {DAY}" if level == DAY_LEVEL else "piece_begin"
    volume = "oneway_out, oneway_in"
    if level == PIECE_LEVEL:
        # The volume one way is a connection-day's, however many pieces it was cut into.
        over = f"OVER (PARTITION BY day, role, sensor, {KEY})"
        volume = f"sum(oneway_out) {over} AS oneway_out, sum(oneway_in) {over} AS oneway_in"
    return f"""
    SELECT {level}::TINYINT AS level, {span} AS span, role, sensor, {KEY}, 1::INTEGER AS days,
        flows, established, established + if({_ONEWAY}, oneway_flows, 0) AS counted, first, last,
        first_established,
        if({_ONEWAY}, least(first_established, first_oneway), first_established) AS first_counted,
        {", ".join(CARRIED)}, hours, flags, orientation, services
    FROM (SELECT * EXCLUDE (oneway_out, oneway_in), {volume} FROM {source})
    """


def rows_of_months(source: str) -> str:
    """Rows of whole months from a relation of connection-months."""
    return f"SELECT {MONTH_LEVEL}::TINYINT AS level, * FROM {source}"


def month(inputs: str, begin: int) -> tuple[str, str, str]:
    """Statements that make the table `connection_months` from rows of days, and of the same month as it
    was; `begin` is where the month begins, microseconds. The last one reads it in the order of its ends.
    """
    counted, views = summed("connection_months", inputs, f"{int(begin)}::BIGINT AS span", MEASURES)
    ordered = f"SELECT * FROM connection_months ORDER BY {ENDS}"
    return counted, views, ordered
