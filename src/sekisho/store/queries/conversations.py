"""Flows as one sensor saw them, one row per conversation.

Two-way records pass through. One-way records of one sensor are put together: both halves, which are
oriented alike, and the fragments into which an exporter's active timeout cuts a long flow.
"""

from __future__ import annotations

from sekisho.model.flows import Flag, Orientation, State
from sekisho.model.protocols import TCP
from sekisho.store.queries.columns import DAY, PAIR, floored
from sekisho.store.queries.established import BLOCKED, ESTABLISHED, HEADERS

GAP = 300_000_000
"""Microseconds of silence after which the same five-tuple is another conversation."""
TAIL = 3_600_000_000
"""A conversation that goes on after midnight for at most this long belongs to the day before as a whole;
a longer one counts on either day. So what a day needs of its neighbours is bounded."""

TWO_WAY = f"""
    SELECT sensor, src_realm, src_hi, src_lo, src_port, dst_realm, dst_hi, dst_lo, dst_port, protocol,
        start, "end", bytes_out, bytes_out_spread, bytes_in, bytes_in_spread, payload_out, payload_in,
        packets_out, packets_in, flags, orientation, service, {ESTABLISHED} AS established,
        {BLOCKED} AS blocked, FALSE AS sent, FALSE AS answered
    FROM {{source}} WHERE flags & {int(Flag.ONE_WAY)} = 0"""


def two_way(source: str) -> str:
    """Two-way records of `source` as conversations."""
    return TWO_WAY.format(source=source)


_SENT = f"(forward <> (flags & {int(Flag.REVERSED)} <> 0))"
_SURE = f"orientation > {int(Orientation.GUESS)}"
_SAID = "arg_max(forward, orientation::INTEGER * 2 + forward::INTEGER)"
_FORWARD = f"""CASE WHEN bool_or({_SURE}) OR min(s) FILTER ({_SENT}) = min(s) FILTER (NOT {_SENT})
    THEN {_SAID} ELSE arg_min({_SENT}, s) END"""
"""Whether the lower end opened it: as the surest record says, and where ports tell nothing, whoever sent
first."""


_ISLANDS = """marked AS (
        SELECT *, coalesce(s > {gap} + max(e) OVER (PARTITION BY {tuple} ORDER BY s, e
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), TRUE) AS fresh
        FROM once
    ), islands AS (
        SELECT *, {day} AS day,
            count(*) FILTER (fresh) OVER (PARTITION BY {tuple}
            ORDER BY s, e, fresh DESC ROWS UNBOUNDED PRECEDING) AS island
        FROM marked
    ), parts AS (
        SELECT *,
            max(e) OVER (PARTITION BY {tuple}, island, day) AS part_end,
            min(day) OVER (PARTITION BY {tuple}, island) AS first_day
        FROM islands
    )"""
_ONE_ISLAND = """parts AS (
        SELECT *, 0 AS island, 0 AS day, 0 AS first_day, 0 AS part_end FROM once
    )"""


def one_way(source: str, *, brief: bool = False) -> str:
    """One-way records of `source` put together, as table `stitched`.

    A record that says the same as another one (an exporter that meters where packets come in and where
    they go out) counts once, where the protocol has ports that make it recognisable. Of halves that begin
    and end together the one that opens a conversation comes first, whatever order a window sees them in.
    `brief` where all of them begin on one day within `GAP`: then no silence parts them.
    """
    tuple_ = "sensor, protocol, a_realm, a_hi, a_lo, a_port, b_realm, b_hi, b_lo, b_port"
    forward = "(src_realm, src_hi, src_lo, src_port) <= (dst_realm, dst_hi, dst_lo, dst_port)"
    day = f"{floored('s', DAY)} // {DAY}"
    parts = _ONE_ISLAND if brief else _ISLANDS.format(tuple=tuple_, gap=GAP, day=day)
    return f"""
    CREATE OR REPLACE TEMP TABLE stitched AS
    WITH halves AS (
        SELECT sensor, protocol, {forward} AS forward,
            if({forward}, src_realm, dst_realm) AS a_realm, if({forward}, src_hi, dst_hi) AS a_hi,
            if({forward}, src_lo, dst_lo) AS a_lo, if({forward}, src_port, dst_port) AS a_port,
            if({forward}, dst_realm, src_realm) AS b_realm, if({forward}, dst_hi, src_hi) AS b_hi,
            if({forward}, dst_lo, src_lo) AS b_lo, if({forward}, dst_port, src_port) AS b_port,
            start, "end", epoch_us(start) AS s,
            if(flags & {int(Flag.IMPOSSIBLE_TIME)} <> 0, epoch_us(start), epoch_us("end")) AS e,
            bytes_out, bytes_out_spread, bytes_in, bytes_in_spread, payload_out, payload_in,
            packets_out, packets_in, state, flags, orientation, service,
            if(src_port = 0 AND dst_port = 0, file, 0) AS apart_file,
            if(src_port = 0 AND dst_port = 0, row, 0) AS apart_row,
            {BLOCKED} AS blocked,
            (packets_out > 0 OR bytes_out > 0) AND state <> {State.DENIED}
                AND (protocol <> {TCP} OR flags & {int(Flag.SYN_ONLY)} = 0) AS out_real,
            (packets_in > 0 OR bytes_in > 0) AND state NOT IN ({State.DENIED}, {State.REJECTED})
                AND (protocol <> {TCP}
                    OR bytes_in::DOUBLE + bytes_in_spread > {HEADERS} * packets_in::DOUBLE) AS in_real
        FROM {source} WHERE flags & {int(Flag.ONE_WAY)} <> 0
    ), once AS (
        SELECT {tuple_}, forward, start, "end", s, e, bytes_out, bytes_in, packets_out, packets_in,
            state, flags, apart_file, apart_row,
            max(bytes_out_spread) AS bytes_out_spread, max(bytes_in_spread) AS bytes_in_spread,
            max(payload_out) AS payload_out, max(payload_in) AS payload_in,
            max(orientation) AS orientation, max(service) AS service, bool_or(blocked) AS blocked,
            bool_or(out_real) AS out_real, bool_or(in_real) AS in_real
        FROM halves GROUP BY ALL
    ), {parts}, joined AS (
        SELECT {tuple_}, island,
            if(day > first_day AND part_end <= day * {DAY} + {TAIL}, day - 1, day) AS part,
            {_FORWARD} AS forward,
            min(start) AS start, max("end") AS "end",
            sum(if(forward, bytes_out, bytes_in)) AS ab,
            sum(if(forward, bytes_out_spread, bytes_in_spread)) AS ab_spread,
            sum(if(forward, bytes_in, bytes_out)) AS ba,
            sum(if(forward, bytes_in_spread, bytes_out_spread)) AS ba_spread,
            sum(if(forward, payload_out, payload_in)) AS ab_payload,
            sum(if(forward, payload_in, payload_out)) AS ba_payload,
            sum(if(forward, packets_out, packets_in)) AS ab_packets,
            sum(if(forward, packets_in, packets_out)) AS ba_packets,
            bit_or(flags) AS flags, max(orientation) AS orientation, max(service) AS service,
            bool_or(if(forward, out_real, in_real)) AS ab_real,
            bool_or(if(forward, in_real, out_real)) AS ba_real,
            bool_or(state = {State.ESTABLISHED}) AS said, bool_or(blocked) AS blocked
        FROM parts GROUP BY {tuple_}, island, part
    )
    SELECT sensor,
        if(forward, a_realm, b_realm) AS src_realm, if(forward, a_hi, b_hi) AS src_hi,
        if(forward, a_lo, b_lo) AS src_lo, if(forward, a_port, b_port) AS src_port,
        if(forward, b_realm, a_realm) AS dst_realm, if(forward, b_hi, a_hi) AS dst_hi,
        if(forward, b_lo, a_lo) AS dst_lo, if(forward, b_port, a_port) AS dst_port,
        protocol, start, "end",
        {clamped("if(forward, ab, ba)")} AS bytes_out,
        {clamped("if(forward, ab_spread, ba_spread)")} AS bytes_out_spread,
        {clamped("if(forward, ba, ab)")} AS bytes_in,
        {clamped("if(forward, ba_spread, ab_spread)")} AS bytes_in_spread,
        {clamped("if(forward, ab_payload, ba_payload)")} AS payload_out,
        {clamped("if(forward, ba_payload, ab_payload)")} AS payload_in,
        {clamped("if(forward, ab_packets, ba_packets)")} AS packets_out,
        {clamped("if(forward, ba_packets, ab_packets)")} AS packets_in,
        flags, orientation, service,
        said OR (ab_real AND ba_real) AS established, blocked,
        if(forward, ab_real, ba_real) AS sent, if(forward, ba_real, ab_real) AS answered
    FROM joined
    """


def clamped(sum_: str) -> str:
    """A sum as 64 bits: what does not fit (hostile counts) becomes the largest number."""
    return f"if({sum_} > 9223372036854775807, 9223372036854775807, {sum_})::BIGINT"


def several(source: str) -> str:
    """Pairs of ends that more than one sensor saw, as table `several`."""
    return (
        f"CREATE OR REPLACE TEMP TABLE several AS SELECT {PAIR} AS pair FROM {source}"
        " GROUP BY pair HAVING min(sensor) <> max(sensor)"
    )
