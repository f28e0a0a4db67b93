"""When single connections were used: their conversations, each as one sensor saw it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.flows import Flag
from sekisho.store.queries.columns import PORT
from sekisho.store.queries.sources import parquet

WANTED = """
    CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, protocol FROM asked
    UNION SELECT dst_realm, dst_hi, dst_lo, src_realm, src_hi, src_lo, protocol FROM asked
"""
"""The ends of the connections in `asked`, either way round."""


def rows(paths: Sequence[Path], begin: int, end: int) -> str:
    """The table `all_rows`: one-way rows between ends in `wanted` that start in [begin, end) microseconds."""
    return f"""
    CREATE OR REPLACE TEMP TABLE all_rows AS
    SELECT r.* FROM {parquet(paths)} r SEMI JOIN wanted w
        ON w.src_lo = r.src_lo AND w.dst_lo = r.dst_lo AND w.src_hi = r.src_hi AND w.dst_hi = r.dst_hi
        AND w.protocol = r.protocol AND w.src_realm = r.src_realm AND w.dst_realm = r.dst_realm
    WHERE r.flags & {_ONE_WAY} <> 0 AND {_within("r", begin, end)}
    """


def two_way(paths: Sequence[Path], begin: int, end: int, *, superseded: bool) -> str:
    """Two-way rows of the connections in `asked`. Few columns, since all files are read for them."""
    without = "ANTI JOIN excluded s ON r.file = s.file AND r.row = s.row" if superseded else ""
    return f"""
    SELECT r.* FROM (SELECT a.number, {_COLUMNS}, r.file, r.row FROM {parquet(paths)} r JOIN asked a
        ON {_SAME} WHERE r.flags & {_ONE_WAY} = 0 AND {_within("r", begin, end)}) r {without}
    """


def one_way(source: str) -> str:
    """Conversations of the connections in `asked` from a relation of them."""
    return f"SELECT a.number, {_COLUMNS} FROM {source} r JOIN asked a ON {_SAME}"


def contacts(relations: Sequence[str]) -> str:
    """(number, start, lasted, sent) from relations of `two_way` and `one_way`, by the sensor that saw the
    most of each connection.

    Several sensors' clocks differ: put together, their views would look like contacts of their own.
    Records of one flow that was logged while open begin together; the one that says most stands.
    """
    columns = "number, sensor, src_port, start, lasted, sent"
    source = " UNION ALL ".join(f"SELECT {columns} FROM ({relation})" for relation in relations)
    return f"""
    WITH found AS (
        SELECT number, sensor, start, max(lasted) AS lasted, max(sent) AS sent FROM ({source})
        GROUP BY number, sensor, src_port, start
    ), busiest AS (
        SELECT number, sensor FROM found GROUP BY number, sensor
        QUALIFY row_number() OVER (PARTITION BY number ORDER BY count(*) DESC, sensor) = 1
    )
    SELECT f.number, f.start, f.lasted, f.sent FROM found f SEMI JOIN busiest b
        ON b.number = f.number AND b.sensor = f.sensor
    """


def _within(row: str, begin: int, end: int) -> str:
    return f"epoch_us({row}.start) >= {int(begin)} AND epoch_us({row}.start) < {int(end)}"


_ONE_WAY = int(Flag.ONE_WAY)
_COLUMNS = f"""r.sensor, r.src_port, epoch_us(r.start) AS start,
    if(r.flags & {int(Flag.IMPOSSIBLE_TIME)} <> 0, 0,
        greatest(epoch_us(r."end") - epoch_us(r.start), 0)) AS lasted, r.bytes_out AS sent"""
_PORT = PORT.replace("protocol", "r.protocol").replace("dst_port", "r.dst_port")
_SAME = f"""a.src_lo = r.src_lo AND a.dst_lo = r.dst_lo AND a.src_hi = r.src_hi
    AND a.dst_hi = r.dst_hi AND a.protocol = r.protocol AND a.src_realm = r.src_realm
    AND a.dst_realm = r.dst_realm AND a.port = {_PORT}"""
