"""Several sensors' views of one flow as one flow.

Which views belong together is decided on arrays (`sekisho.store.matching`); these statements fetch the
candidates in order and put together what was matched.
"""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.model.flows import Flag
from sekisho.store.queries.columns import DAY, KEY, PAIR, PORT, TUPLE, floored
from sekisho.store.queries.conversations import clamped
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW, rollup


def candidates(relations: Sequence[str]) -> str:
    """Conversations between ends that several sensors saw, as table `candidates`."""
    parts = " UNION ALL ".join(f"SELECT *, {PAIR} AS pair FROM ({relation})" for relation in relations)
    return (
        "CREATE OR REPLACE TEMP TABLE candidates AS"
        f" SELECT c.* FROM ({parts}) c SEMI JOIN several s ON c.pair = s.pair"
    )


def bucket(number: int, of: int) -> str:
    """One part of the candidates, whole pairs, in order of five-tuple and corrected start.

    Reads `clocks` (sensor, number, offset in microseconds).
    """
    forward = "(src_realm, src_hi, src_lo, src_port) <= (dst_realm, dst_hi, dst_lo, dst_port)"
    return f"""
    SELECT c.* EXCLUDE (pair), k.number AS sensor_number, {forward} AS forward,
        {TUPLE} AS tuple, epoch_us(c.start) - k.offset AS began,
        if(c.flags & {int(Flag.IMPOSSIBLE_TIME)} <> 0, epoch_us(c.start),
            greatest(epoch_us(c."end"), epoch_us(c.start))) - k.offset AS until
    FROM candidates c JOIN clocks k ON c.sensor = k.sensor
    WHERE c.pair % {int(of)} = {int(number)}
    ORDER BY tuple, began, sensor_number, until, forward, bytes_out, bytes_in, packets_out, packets_in
    """


def views(source: str) -> str:
    """Each sensor's view of each merged flow, fragments put together, as table `seen`.

    `source` has `cluster`, `flip` (the flow's orientation is the other one) and `side` (the sensor is at
    the initiator's site).
    """

    def either(name: str, out: str, back: str) -> str:
        return f"if(flip, {back}, {out}) AS {name}"

    return f"""
    CREATE OR REPLACE TEMP TABLE seen AS
    WITH turned AS (
        SELECT cluster, side, sensor, protocol, start, "end", flags, orientation, service,
            established, blocked,
            {either("src_realm", "src_realm", "dst_realm")}, {either("src_hi", "src_hi", "dst_hi")},
            {either("src_lo", "src_lo", "dst_lo")}, {either("src_port", "src_port", "dst_port")},
            {either("dst_realm", "dst_realm", "src_realm")}, {either("dst_hi", "dst_hi", "src_hi")},
            {either("dst_lo", "dst_lo", "src_lo")}, {either("dst_port", "dst_port", "src_port")},
            {either("bytes_out", "bytes_out", "bytes_in")},
            {either("bytes_in", "bytes_in", "bytes_out")},
            {either("bytes_out_spread", "bytes_out_spread", "bytes_in_spread")},
            {either("bytes_in_spread", "bytes_in_spread", "bytes_out_spread")},
            {either("payload_out", "payload_out", "payload_in")},
            {either("payload_in", "payload_in", "payload_out")},
            {either("packets_out", "packets_out", "packets_in")},
            {either("packets_in", "packets_in", "packets_out")},
            {either("sent", "sent", "answered")}, {either("answered", "answered", "sent")}
        FROM {source}
    )
    SELECT cluster, sensor, any_value(src_realm) AS src_realm, any_value(src_hi) AS src_hi,
        any_value(src_lo) AS src_lo, any_value(dst_realm) AS dst_realm, any_value(dst_hi) AS dst_hi,
        any_value(dst_lo) AS dst_lo, any_value(protocol) AS protocol, any_value({PORT}) AS port,
        min(start) AS start, max("end") AS "end", bool_or(side) AS side,
        {clamped("sum(bytes_out)")} AS bytes_out,
        {clamped("sum(bytes_out_spread)")} AS bytes_out_spread,
        {clamped("sum(bytes_in)")} AS bytes_in,
        {clamped("sum(bytes_in_spread)")} AS bytes_in_spread,
        {clamped("sum(payload_out)")} AS payload_out, {clamped("sum(payload_in)")} AS payload_in,
        {clamped("sum(packets_out)")} AS packets_out, {clamped("sum(packets_in)")} AS packets_in,
        bit_or(flags) AS flags, max(orientation) AS orientation, max(service) AS service,
        bool_or(established) AS established, bool_or(blocked) AS blocked,
        bool_or(sent) AS sent, bool_or(answered) AS answered
    FROM turned GROUP BY cluster, sensor
    """


MERGE = f"""
    CREATE OR REPLACE TEMP TABLE merged AS
    SELECT cluster, '' AS sensor, any_value(src_realm) AS src_realm, any_value(src_hi) AS src_hi,
        any_value(src_lo) AS src_lo, any_value(dst_realm) AS dst_realm, any_value(dst_hi) AS dst_hi,
        any_value(dst_lo) AS dst_lo, any_value(protocol) AS protocol, any_value(port) AS port,
        coalesce(min(start) FILTER (side), min(start)) AS start,
        coalesce(max("end") FILTER (side), max("end")) AS "end",
        max(bytes_out) AS bytes_out,
        greatest(min(bytes_out::HUGEINT + bytes_out_spread) - max(bytes_out), 0)::BIGINT AS bytes_out_spread,
        max(bytes_in) AS bytes_in,
        greatest(min(bytes_in::HUGEINT + bytes_in_spread) - max(bytes_in), 0)::BIGINT AS bytes_in_spread,
        max(payload_out) AS payload_out, max(payload_in) AS payload_in,
        max(packets_out) AS packets_out, max(packets_in) AS packets_in,
        bit_or(flags) AS flags, max(orientation) AS orientation, max(service) AS service,
        bool_or(established) OR (bool_or(sent) AND bool_or(answered)) AS established,
        bool_or(blocked) AS blocked,
        {floored("epoch_us(coalesce(min(start) FILTER (side), min(start)))", DAY)} // {DAY} AS day
    FROM seen GROUP BY cluster
"""
"""`low` is the most that any sensor is sure of, `high` the least that any holds possible."""


def connection_days(day: int, piece: str) -> str:
    """Roll-up rows of the merged flows of a day and of the views of them.

    The views lie in the day of their flow, whatever their own sensor's clock said.
    """
    views = f"""(SELECT v.* REPLACE (v.start AS start), m.start AS merged_start FROM seen v
        JOIN merged m ON v.cluster = m.cluster WHERE m.day = {int(day)})"""
    columns = rollup(views, day, str(ONLY), piece.format(at="epoch_us(merged_start)"), "port")
    whole = rollup(
        f"(SELECT * FROM merged WHERE day = {int(day)})",
        day,
        str(MERGED),
        piece.format(at="epoch_us(start)"),
        "port",
    )
    several = f"min(sensor) OVER ({_OVER}) <> max(sensor) OVER ({_OVER})"
    return f"""
    WITH views AS ({columns}), ranked AS (
        SELECT * REPLACE (if({several}, {VIEW}, {ONLY}) AS role) FROM views
    ), wholes AS ({whole})
    SELECT * FROM ranked
    UNION ALL
    SELECT w.* FROM wholes w SEMI JOIN (SELECT * FROM ranked WHERE role = {VIEW}) r
        USING ({KEY})
    """


_OVER = f"PARTITION BY {KEY}"
