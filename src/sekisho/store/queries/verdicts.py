"""The verdict of every row, and of every connection the worst."""

from __future__ import annotations

from sekisho.model.flows import ONE_WAY_VOLUME
from sekisho.model.verdicts import Rank
from sekisho.store.queries.columns import CONNECTION, KEY, same
from sekisho.store.queries.conversations import clamped
from sekisho.store.queries.staging import COUNTED

_KEYS = ", ".join("r." + column for column in CONNECTION)
_NEEDS = f"({int(Rank.LAPSED)}, {int(Rank.UNAUTHORIZED)})"
"""Decisions that hold for established flows; of others the same row is an attempt."""
_BEFORE = "(d.begin IS NULL OR epoch_us(d.begin) <= r.piece_begin)"
_AFTER = "(d.end IS NULL OR r.piece_begin < epoch_us(d.end))"
WORST_FOUND = int(Rank.UNMAPPED)
"""Connections of this rank and worse are findings."""

JUDGED = f"""
    CREATE OR REPLACE TEMP TABLE judged AS
    SELECT r.day, r.piece_begin, r.epoch, {_KEYS}, r.src_class, r.dst_class, r.flows,
        r.established + if(r.oneway >= {ONE_WAY_VOLUME}, r.oneway_flows, 0) AS established,
        r.first, r.last, d.rank AS decided,
        if(d.rank IN {_NEEDS} AND r.established = 0 AND r.oneway < {ONE_WAY_VOLUME},
            {int(Rank.ATTEMPTED)}, d.rank)::TINYINT AS rank,
        r.bytes_out, r.bytes_out_spread, r.bytes_in, r.bytes_in_spread
    FROM labelled r JOIN decisions d
        ON d.epoch = r.epoch AND d.src_class = r.src_class AND d.dst_class = r.dst_class
        AND d.protocol = r.protocol AND d.port = r.port
    WHERE {_BEFORE} AND {_AFTER}
"""
"""Reads `labelled` and the table `decisions`, whose intervals cover all time without overlap."""

UNDECIDED = """
    SELECT (SELECT count(*) FROM labelled) - (SELECT count(*) FROM judged) AS n
"""

JUDGED_CONNECTIONS = f"""
    CREATE OR REPLACE TEMP TABLE judged_connections AS
    SELECT {KEY}, max(rank) AS rank, sum(flows)::BIGINT AS flows,
        min(first) AS first, max(last) AS last,
        arg_max(struct_pack(src_class, dst_class), (rank::BIGINT << 56) - epoch_us(first) // 1000) AS classes,
        sum(bytes_out) AS bytes_out, sum(bytes_out_spread) AS bytes_out_spread,
        sum(bytes_in) AS bytes_in, sum(bytes_in_spread) AS bytes_in_spread
    FROM judged GROUP BY {KEY}
"""
"""`classes` are those of the first of the worst rows."""

JUDGED_ALL = f"SELECT {KEY}, rank, flows, first, last FROM judged_connections"

LINKS = f"""
    SELECT classes.src_class AS src_class, classes.dst_class AS dst_class, rank,
        count(*) AS connections, sum(flows)::BIGINT AS flows,
        {clamped("sum(bytes_out)")} AS bytes_out, {clamped("sum(bytes_out_spread)")} AS bytes_out_spread,
        {clamped("sum(bytes_in)")} AS bytes_in, {clamped("sum(bytes_in_spread)")} AS bytes_in_spread
    FROM judged_connections GROUP BY src_class, dst_class, rank
"""

CONNECTION_TOTALS = "SELECT rank, count(*) AS connections FROM judged_connections GROUP BY rank"

FLOW_TOTALS = f"""
    SELECT rank::TINYINT AS rank, sum(flows)::BIGINT AS flows FROM (
        SELECT decided AS rank, if(decided IN {_NEEDS}, established, flows) AS flows FROM judged
        UNION ALL
        SELECT {int(Rank.ATTEMPTED)}, flows - established FROM judged WHERE decided IN {_NEEDS}
    ) GROUP BY ALL HAVING sum(flows) > 0
"""

VIOLATING = f"""
    CREATE OR REPLACE TEMP TABLE violating AS SELECT * FROM judged WHERE rank >= {WORST_FOUND}
"""

VIOLATIONS = f"""
    WITH rows AS (
        SELECT j.rank, j.epoch, j.src_class, j.dst_class, j.established AS counted, r.*
        FROM stage_rows r JOIN violating j
            ON j.day = r.day AND j.piece_begin = r.piece_begin AND {same("j", "r")}
        WHERE r.{COUNTED}
    )
    SELECT {KEY}, max(rank) AS rank, sum(flows)::BIGINT AS flows, sum(counted)::BIGINT AS established,
        count(DISTINCT day) AS days_active, min(first) AS first_seen, max(last) AS last_seen,
        min(if(counted > established, least(first_established, first_oneway), first_established))
            AS first_established,
        {clamped("sum(bytes_out)")} AS bytes_out, {clamped("sum(bytes_out_spread)")} AS bytes_out_spread,
        {clamped("sum(bytes_in)")} AS bytes_in, {clamped("sum(bytes_in_spread)")} AS bytes_in_spread,
        {clamped("sum(payload_out)")} AS payload_out, {clamped("sum(payload_in)")} AS payload_in,
        {clamped("sum(packets_out)")} AS packets_out, {clamped("sum(packets_in)")} AS packets_in,
        bit_or(hours) AS hours, bit_or(flags) AS flags, min(orientation) AS orientation,
        CASE WHEN min(services) = max(services) THEN min(services)
            ELSE min(services) || ',' || max(services) END AS services,
        arg_min(epoch, first) AS epoch, arg_min(src_class, first) AS src_class,
        arg_min(dst_class, first) AS dst_class
    FROM rows GROUP BY {KEY}
"""
"""One row per connection that is found; every measure is of its violating rows alone. `least` passes
over nulls."""
