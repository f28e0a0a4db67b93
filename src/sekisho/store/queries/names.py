"""Names that were looked for, and those that were seen in the flows of some connections."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.flows import Flag
from sekisho.model.names import NAME_SCHEMA, NameKind
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.sources import parquet

SLACK = 60_000_000
"""Microseconds by which a name's time may lie outside a flow's, where another sensor recorded the flow."""

DAYS = f"""
    SELECT DISTINCT epoch_us(start) // {DAY} - 1 AS first,
        greatest(epoch_us(start), CASE WHEN flags & {int(Flag.IMPOSSIBLE_TIME)} = 0 THEN epoch_us("end")
            ELSE epoch_us(start) END) // {DAY} + 1 AS last
    FROM records
"""
"""Between which days (numbers, both included) the names of the flows in the table `records` may lie."""

ALWAYS = """
    CREATE OR REPLACE TEMP TABLE records AS
    SELECT src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, port AS dst_port, NULL::VARCHAR AS sensor,
        NULL::VARCHAR AS uid, TIMESTAMPTZ '1970-01-01 00:00:00+00' AS start,
        TIMESTAMPTZ '9999-12-31 00:00:00+00' AS "end"
    FROM asked
"""
"""Table `records` with one of all time for each connection in `asked`: of such as have no flows."""

QUERY, ANSWER = NameKind.DNS_QUERY, NameKind.DNS_ANSWER
OF_CLIENT = (NameKind.JA3, NameKind.JA4, NameKind.USER_AGENT)
"""What a host is known by when it opens connections."""
OF_SERVER = (
    NameKind.SNI,
    NameKind.HTTP_HOST,
    NameKind.JA3S,
    NameKind.CERTIFICATE_SHA1,
    NameKind.CERTIFICATE_SHA256,
)
"""What it is called, and known by, when it answers them."""
ENDS_NAMED = 100

_COLUMNS = ", ".join("n." + field.name for field in NAME_SCHEMA)
_COUNTED = "r ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row"


def sought(paths: Sequence[Path]) -> str:
    """Table `found`: rows of names in the table `asked` (kind, value), within [$1, $2) microseconds where
    these are given.

    Reads `files` (file, path, sha256) and `superseded` (file, row).
    """
    return f"""
    CREATE OR REPLACE TEMP TABLE found AS
    WITH rows AS (
        SELECT * FROM {parquet(paths)} WHERE ($1 IS NULL OR epoch_us(time) >= $1::BIGINT)
            AND ($2 IS NULL OR epoch_us(time) < $2::BIGINT)
    ), n AS (
        SELECT r.* FROM (SELECT r.* FROM rows r SEMI JOIN asked a ON a.kind = r.kind AND a.value = r.value)
        {_COUNTED}
    )
    SELECT {_COLUMNS}, f.path, f.sha256 FROM n JOIN files f ON f.file = n.file
    """


def told(paths: Sequence[Path]) -> str:
    """Table `told`: names in `asked` (kind, value) and, of the ends in `asked_ends` (hi, lo), what they said
    and were called, within [$1, $2) microseconds where these are given; `other` is the question of an answer
    and an answer to a question, from the same line.

    Reads `files` (file, path, sha256) and `superseded` (file, row).
    """
    of_src, of_dst = (", ".join(f"'{kind}'" for kind in kinds) for kinds in (OF_CLIENT, OF_SERVER))
    # An end may go by its own address, which is asked for by name as well.
    otherwise = "NOT EXISTS (SELECT 1 FROM asked a WHERE a.kind = r.kind AND a.value = r.value)"
    return f"""
    CREATE OR REPLACE TEMP TABLE told AS
    WITH rows AS (
        SELECT r.* FROM (
            SELECT * FROM {parquet(paths)} WHERE ($1 IS NULL OR epoch_us(time) >= $1::BIGINT)
                AND ($2 IS NULL OR epoch_us(time) < $2::BIGINT)
        ) {_COUNTED}
    ), n AS (
        SELECT r.* FROM rows r SEMI JOIN asked a ON a.kind = r.kind AND a.value = r.value
        UNION ALL
        SELECT r.* FROM rows r SEMI JOIN asked_ends e ON e.hi = r.src_hi AND e.lo = r.src_lo
            WHERE r.kind IN ({of_src}) AND {otherwise}
        UNION ALL
        SELECT r.* FROM rows r SEMI JOIN asked_ends e ON e.hi = r.dst_hi AND e.lo = r.dst_lo
            WHERE r.kind IN ({of_dst}) AND {otherwise}
    ), lines AS (SELECT DISTINCT file, row FROM n WHERE kind IN ('{QUERY}', '{ANSWER}')),
    others AS (
        SELECT r.file, r.row, r.kind, r.value FROM rows r SEMI JOIN lines l ON l.file = r.file AND l.row = r.row
        WHERE r.kind IN ('{QUERY}', '{ANSWER}')
    )
    SELECT n.*, o.value AS other, f.path, f.sha256 FROM n JOIN files f ON f.file = n.file
    LEFT JOIN others o ON o.file = n.file AND o.row = n.row AND o.kind <> n.kind
        AND n.kind IN ('{QUERY}', '{ANSWER}')
    """


TOLD = f"""
    WITH hosts AS (
        SELECT *, CASE WHEN src_hi IS NOT NULL
                THEN {{realm: src_realm, hi: src_hi, lo: src_lo}} END AS src,
            CASE WHEN dst_hi IS NOT NULL
                THEN {{realm: dst_realm, hi: dst_hi, lo: dst_lo}} END AS dst
        FROM told
    )
    SELECT kind, value, other, count(*) AS times, min(time) AS first, max(time) AS last,
        list_sort(list(DISTINCT src) FILTER (src IS NOT NULL))[:{ENDS_NAMED}] AS clients,
        count(DISTINCT src) AS client_count,
        list_sort(list(DISTINCT dst) FILTER (dst IS NOT NULL))[:{ENDS_NAMED}] AS servers,
        count(DISTINCT dst) AS server_count, list_sort(list(DISTINCT sensor)) AS sensors,
        arg_min(path, (time, file, row)) AS path, arg_min(sha256, (time, file, row)) AS sha256,
        arg_min(row, (time, file, row)) AS row
    FROM hosts GROUP BY kind, value, other
    ORDER BY last DESC, times DESC, kind, value, other LIMIT $1
"""
"""At most $1 different names, with whom and since when; the last seen first."""


ORDERED = "SELECT * FROM found ORDER BY time, sensor, file, row, kind, value LIMIT $1"


def beside(paths: Sequence[Path]) -> str:
    """Table `seen`: rows of names that belong to the flows in the table `records`.

    By the sensor's own name of the connection; a sensor that gave none of the flows such a name tells by
    both ends, the port and the time. Reads `asked` (connections), `files` and `superseded`.
    """
    same_ends = " AND ".join(
        f"n.{end}_{part} = r.{end}_{part}" for end in ("src", "dst") for part in ("realm", "hi", "lo")
    )
    return f"""
    CREATE OR REPLACE TEMP TABLE seen AS
    WITH own AS (SELECT DISTINCT sensor, uid FROM records WHERE uid IS NOT NULL),
    spans AS (
        SELECT src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, dst_port,
            epoch_us(start) - {SLACK} AS begin, greatest(epoch_us("end"), epoch_us(start)) + {SLACK} AS stop
        FROM records
    ), rows AS (SELECT r.* FROM {parquet(paths)} {_COUNTED}),
    n AS (
        SELECT n.* FROM rows n SEMI JOIN own o ON o.sensor = n.sensor AND o.uid = n.uid
        UNION ALL
        SELECT n.* FROM (SELECT n.* FROM rows n ANTI JOIN own o ON o.sensor = n.sensor) n
        SEMI JOIN spans r ON {same_ends} AND n.dst_port = r.dst_port
            AND epoch_us(n.time) BETWEEN r.begin AND r.stop
    )
    SELECT {_COLUMNS}, f.path, f.sha256 FROM n JOIN files f ON f.file = n.file
    """


GROUPED = """
    WITH grouped AS (
        SELECT kind, value, count(*) AS times, min(time) AS first, max(time) AS last,
            list_sort(list(DISTINCT sensor)) AS sensors,
            arg_min(path, (time, file, row)) AS path, arg_min(sha256, (time, file, row)) AS sha256,
            arg_min(row, (time, file, row)) AS row
        FROM seen GROUP BY kind, value
    )
    SELECT * FROM grouped
    ORDER BY row_number() OVER (PARTITION BY kind ORDER BY times DESC, first, value), kind LIMIT $1
"""
"""At most $1 different names, of every kind those first that were seen most often."""
