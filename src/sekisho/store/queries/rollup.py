"""Connection-days: flows of one connection at one sensor (or merged) on one UTC day, in one row."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.model.flows import Flag
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.conversations import clamped

IDENTITY = (
    "day",
    "piece_begin",
    "sensor",
    "src_realm",
    "src_hi",
    "src_lo",
    "dst_realm",
    "dst_hi",
    "dst_lo",
    "protocol",
    "port",
)
ONLY, VIEW, MERGED = 0, 1, 2
"""Roles: the only sensor's row; one of several sensors' views; what the views come to together, with
sensor ''. Rows of ONLY and MERGED count every flow once."""


def piece_begin(at: str, day: int, cuts: Sequence[int]) -> str:
    """Where the piece of the day begins in which `at` (microseconds) lies; `cuts` are inside the day."""
    begin = day * DAY
    if not cuts:
        return f"{begin}::BIGINT"
    cases = " ".join(f"WHEN {at} >= {int(cut)} THEN {int(cut)}" for cut in sorted(cuts, reverse=True))
    return f"(CASE {cases} ELSE {begin} END)::BIGINT"


def rollup(source: str, day: int, role: str, piece: str, port: str) -> str:
    """One row per sensor and connection from the flows of a relation; `role` is an SQL expression."""
    hour = f"(((epoch_us(start) % {DAY}) + {DAY}) % {DAY} // 3600000000)::INTEGER"
    return f"""
    SELECT DATE '1970-01-01' + {int(day)} AS day, {piece} AS piece_begin, sensor,
        src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, protocol, {port} AS port,
        {role} AS role, {MEASURES.format(hour=hour)}
    FROM {source}
    GROUP BY piece_begin, sensor, src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, protocol, port
    """


_ONEWAY = "NOT established AND NOT blocked"
MEASURES = f"""
        count(*) AS flows,
        count(*) FILTER (established) AS established,
        min(start) AS first,
        max(if(flags & {int(Flag.IMPOSSIBLE_TIME)} <> 0, start, "end")) AS last,
        min(start) FILTER (established) AS first_established,
        count(*) FILTER ({_ONEWAY}) AS oneway_flows,
        coalesce({clamped(f"sum(bytes_out) FILTER ({_ONEWAY})")}, 0) AS oneway_out,
        coalesce({clamped(f"sum(bytes_in) FILTER ({_ONEWAY})")}, 0) AS oneway_in,
        min(start) FILTER ({_ONEWAY}) AS first_oneway,
        {clamped("sum(bytes_out)")} AS bytes_out,
        {clamped("sum(bytes_out_spread)")} AS bytes_out_spread,
        {clamped("sum(bytes_in)")} AS bytes_in,
        {clamped("sum(bytes_in_spread)")} AS bytes_in_spread,
        {clamped("sum(payload_out)")} AS payload_out,
        {clamped("sum(payload_in)")} AS payload_in,
        {clamped("sum(packets_out)")} AS packets_out,
        {clamped("sum(packets_in)")} AS packets_in,
        bit_or(1::INTEGER << {{hour}}) AS hours,
        bit_or(flags) AS flags,
        min(orientation) AS orientation,
        CASE WHEN min(service) = max(service) THEN min(service)
            ELSE min(service) || ',' || max(service) END AS services"""
"""`last` is when the last flow ended, its start where its times are impossible. `services` names at
most two: the first and the last in alphabetical order."""

_ADDED = (
    "flows",
    "established",
    "oneway_flows",
    "oneway_out",
    "oneway_in",
    "bytes_out",
    "bytes_out_spread",
    "bytes_in",
    "bytes_in_spread",
    "payload_out",
    "payload_in",
    "packets_out",
    "packets_in",
)
AGAIN = f"""
        {", ".join(f"{clamped(f'sum({name})')} AS {name}" for name in _ADDED)},
        min(first) AS first, max(last) AS last, min(first_established) AS first_established,
        min(first_oneway) AS first_oneway, bit_or(hours) AS hours, bit_or(flags) AS flags,
        min(orientation) AS orientation,
        CASE WHEN min(services) = max(services) THEN min(services) ELSE
            split_part(min(services), ',', 1) || ',' || split_part(max(services), ',', -1)
        END AS services"""
"""Measures of several roll-ups of the same day together."""
