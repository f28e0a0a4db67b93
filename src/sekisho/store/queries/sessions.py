"""Sessions of chosen connections, with what went either way, as every sensor saw them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.flows import Flag
from sekisho.store.queries import conversations
from sekisho.store.queries.columns import CONNECTION, DAY, PORT, same
from sekisho.store.queries.levels import COUNTED
from sekisho.store.queries.sources import parquet

ENDS = """
    CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT DISTINCT src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, protocol FROM asked
    UNION SELECT dst_realm, dst_hi, dst_lo, src_realm, src_hi, src_lo, protocol FROM asked
"""
"""The ends of the connections in `asked`, either way round: a one-way record may be the reply."""


def rows(paths: Sequence[Path], begin: int, end: int) -> str:
    """The table `all_rows`: rows between ends in `wanted` that start in [begin, end) microseconds."""
    ends = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol")
    return f"""
    CREATE OR REPLACE TEMP TABLE all_rows AS
    SELECT r.* FROM {parquet(paths)} r SEMI JOIN wanted w ON {same("w", "r", ends)}
    WHERE epoch_us(r.start) >= {int(begin)} AND epoch_us(r.start) < {int(end)}
    """


ONE_WAY = conversations.one_way("observed")
"""One-way rows of the relation `observed` put together, as table `stitched`."""


def sessions() -> str:
    """(number, sensor, start, lasted, sent, received, established) from `observed` and `stitched`.

    Of a flow that was logged while open the record that says most stands.
    """
    port = PORT.replace("protocol", "c.protocol").replace("dst_port", "c.dst_port")
    keys = tuple(name for name in CONNECTION if name != "port")
    lasted = f"""if(c.flags & {int(Flag.IMPOSSIBLE_TIME)} <> 0, 0,
        greatest(epoch_us(c."end") - epoch_us(c.start), 0))"""
    return f"""
    WITH talks AS (
        {conversations.two_way("observed")}
        UNION ALL BY NAME SELECT * FROM stitched
    )
    SELECT a.number, c.sensor, epoch_us(c.start) AS start, max({lasted}) AS lasted,
        max(c.bytes_out) AS sent, max(c.bytes_in) AS received, bool_or(c.established) AS established
    FROM talks c JOIN asked a ON {same("a", "c", keys)} AND a.port = {port}
    GROUP BY a.number, c.sensor, c.src_port, epoch_us(c.start)
    """


def daily(paths: Sequence[Path], floor: int = 0) -> str:
    """Connection-days of the connections in `asked` (keys, number): each flow once; of those alone by which
    `floor` bytes and more may have gone one way over all time."""
    sums = ", ".join(
        f"sum(r.bytes_{way})::DOUBLE AS {name}, sum(r.bytes_{way}_spread)::DOUBLE AS {name}_spread"
        for way, name in (("out", "sent"), ("in", "received"))
    )
    most = " OR ".join(
        f"sum({name} + {name}_spread) OVER (PARTITION BY number) >= {int(floor)}"
        for name in ("sent", "received")
    )
    return f"""
    WITH days AS (
        SELECT a.number, r.piece_begin // {DAY} AS day, sum(r.flows)::BIGINT AS flows,
            sum(r.established)::BIGINT AS established, min(epoch_us(r.first)) AS first,
            max(epoch_us(r.last)) AS last, {sums},
            bit_or(r.hours)::INTEGER AS hours, bit_or(r.flags)::INTEGER AS flags
        FROM {parquet(paths)} r JOIN asked a ON {same("a", "r")}
        WHERE r.{COUNTED} GROUP BY a.number, r.piece_begin // {DAY}
    )
    SELECT * FROM days QUALIFY {most} ORDER BY number, day
    """
