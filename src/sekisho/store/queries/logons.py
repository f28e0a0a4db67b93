"""Where accounts were let in, and at which hours hosts' logs speak, as the embedded engine is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.logons import LOGON_SCHEMA, LogonKind
from sekisho.store.queries.sources import parquet

_COLUMNS = ", ".join("n." + field.name for field in LOGON_SCHEMA)
_COUNTED = "r ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row"
HOUR = 3_600_000_000

NAMED = (
    LogonKind.LOGON,
    LogonKind.LOGON_FAILED,
    LogonKind.EXPLICIT_CREDENTIALS,
    LogonKind.SPECIAL_PRIVILEGES,
)
"""What a Windows host writes down of its own logons: an hour with one of these shows that it does."""

_SHORT = "position('.' IN {0}) = 0"
_LABEL = "split_part({0}, '.', 1)"


def _same_host(column: str) -> str:
    """Whether a column of names and `h.name` are one host: names in full are compared in full, a short one
    with the other's first part."""
    name = f"lower({column})"
    return (
        f"({name} = h.name OR (({_SHORT.format(name)} OR {_SHORT.format('h.name')})"
        f" AND {_LABEL.format(name)} = {_LABEL.format('h.name')}))"
    )


def sought(paths: Sequence[Path]) -> str:
    """Table `found`: logons within [$1, $2) microseconds, of the kinds in `kinds`, that have to do with a
    host in `hosts` (name, lower case), an address in `addresses` (hi, lo) or an account in `accounts`
    (name, lower case, with or without its domain); of all where none is asked for ($3 false).

    Reads `files` (file, path, sha256) and `superseded` (file, row) too.
    """
    account = "lower(n.account)"
    user = f"split_part(regexp_replace({account}, '^.*\\\\', ''), '@', 1)"
    return f"""
    CREATE OR REPLACE TEMP TABLE found AS
    WITH n AS (
        SELECT r.* FROM (
            SELECT r.* FROM {parquet(paths)} r SEMI JOIN kinds k ON k.kind = r.kind
            WHERE ($1 IS NULL OR epoch_us(r.time) >= $1::BIGINT)
                AND ($2 IS NULL OR epoch_us(r.time) < $2::BIGINT)
        ) {_COUNTED}
    )
    SELECT {_COLUMNS}, f.path, f.sha256 FROM n JOIN files f ON f.file = n.file
    WHERE NOT $3::BOOLEAN
        OR EXISTS (SELECT 1 FROM hosts h WHERE {_same_host("n.host")} OR {_same_host("n.src_name")})
        OR EXISTS (SELECT 1 FROM addresses a
            WHERE (a.hi = n.src_hi AND a.lo = n.src_lo) OR (a.hi = n.dst_hi AND a.lo = n.dst_lo))
        OR EXISTS (SELECT 1 FROM accounts a WHERE a.name = {account} OR a.name = {user})
    """


ORDERED = "SELECT * FROM found ORDER BY time, sensor, file, row, kind LIMIT $1"


def hours(paths: Sequence[Path]) -> str:
    """(host, sensor, hour, logons, missing, first, last): hours (microseconds of their beginning) within [$1,
    $2) of which a Windows host's log says something of logons, how many times it says that it lacks records
    or was cleared, and the first and last of these records. Reads `superseded`."""
    named = ", ".join(f"'{kind}'" for kind in NAMED)
    gone = ", ".join(f"'{kind}'" for kind in (LogonKind.LOG_CLEARED, LogonKind.RECORDS_MISSING))
    return f"""
    SELECT lower(host) AS host, sensor, epoch_us(time) // {HOUR} * {HOUR} AS hour,
        count(*) FILTER (WHERE kind IN ({named}) AND event IS NOT NULL) AS logons,
        count(*) FILTER (WHERE kind IN ({gone})) AS missing, min(time) AS first, max(time) AS last
    FROM (SELECT r.* FROM {parquet(paths)} {_COUNTED})
    WHERE ($1 IS NULL OR epoch_us(time) >= $1::BIGINT) AND ($2 IS NULL OR epoch_us(time) < $2::BIGINT)
        AND kind IN ({named}, {gone})
    GROUP BY ALL ORDER BY ALL LIMIT $3
    """
