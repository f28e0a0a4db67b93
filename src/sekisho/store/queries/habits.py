"""The days of connections, from roll-ups, and which of them may be unlike those before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.store.queries.columns import same
from sekisho.store.queries.conversations import clamped
from sekisho.store.queries.levels import COUNTED
from sekisho.store.queries.sources import parquet


def days(paths: Sequence[Path]) -> str:
    """The table `habit_days`: (number, day, volume, flows, hours) of the connections in `asked`."""
    volume = clamped("sum(r.bytes_out::HUGEINT + r.bytes_in)")
    return f"""
    CREATE OR REPLACE TEMP TABLE habit_days AS
    SELECT a.number, (r.day - DATE '1970-01-01')::BIGINT AS day, {volume} AS volume,
        sum(r.flows)::BIGINT AS flows, bit_or(r.hours) AS hours
    FROM {parquet(paths)} r JOIN asked a ON {same("a", "r")}
    WHERE r.{COUNTED} GROUP BY ALL
    """


def suspects(least: int, most: int, floor: int, since: int) -> str:
    """All days of the connections of which one may be unlike those before, with `suspect` for these.

    A day is one where at least `least` came before it, from the day `since` on, if of these and the `most`
    before it its volume is the highest and at least `floor`, or an hour is new.
    """
    rows = f"ROWS BETWEEN {int(most)} PRECEDING AND 1 PRECEDING"
    before = f"OVER (PARTITION BY number ORDER BY day {rows})"
    return f"""
    WITH looked AS (
        SELECT *, count(*) {before} >= {int(least)} AND day >= {int(since)} AND (
            (volume >= {int(floor)} AND volume > max(volume) {before})
            OR (hours & ~(bit_or(hours) {before})) <> 0) AS suspect
        FROM habit_days
    )
    SELECT number, day, volume, flows, hours, coalesce(suspect, FALSE) AS suspect FROM looked
    WHERE number IN (SELECT number FROM looked WHERE suspect) ORDER BY number, day
    """


ALL = "SELECT *, TRUE AS suspect FROM habit_days ORDER BY number, day"
