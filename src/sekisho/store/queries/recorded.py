"""What stands beside the flows, summed up by who recorded it: one row a sensor, host and kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.store.queries.sources import parquet

_COUNTED = "r ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row"


def summed(paths: Sequence[Path], host: str) -> str:
    """(sensor, host, kind, first, last, rows) of rows within [$1, $2) microseconds, at most $3 of them, those
    with the most rows first; `host` is the SQL of whose record it is. Reads `superseded`."""
    return f"""
    SELECT sensor, {host} AS host, kind, min(time) AS first, max(time) AS last, count(*) AS rows
    FROM (SELECT r.* FROM {parquet(paths)} {_COUNTED})
    WHERE ($1 IS NULL OR epoch_us(time) >= $1::BIGINT) AND ($2 IS NULL OR epoch_us(time) < $2::BIGINT)
    GROUP BY ALL ORDER BY rows DESC, sensor, host, kind LIMIT $3
    """


NOBODY = "''"
"""Names are of their sensor alone."""
HOST = "CASE WHEN event IS NULL THEN '' ELSE lower(host) END"
"""Logons are of the host whose log says so; what a sensor on the network saw has no event's number."""
