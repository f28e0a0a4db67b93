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


def suspects(least: int, most: int, floor: int, times: int, habit: int, since: int) -> str:
    """All days of the connections of which one may be unlike those before, with `suspect` for these.

    A day is one where at least `least` came before it, from the day `since` on, if against the `most` before it
    its volume is `times` the highest and at least `floor`, or it has hours that are new and neighbours of none,
    while at most `habit` were used.
    """
    rows = f"ROWS BETWEEN {int(most)} PRECEDING AND 1 PRECEDING"
    before = f"OVER (PARTITION BY number ORDER BY day {rows})"
    return f"""
    WITH looked AS (
        SELECT *, count(*) {before} >= {int(least)} AND day >= {int(since)} AND (
            volume >= greatest({int(floor)}, {int(times)} * (max(volume) {before})::HUGEINT)
            OR (bit_count(used) <= {int(habit)} AND hours & ~{_near("used")} <> 0)) AS suspect
        FROM (SELECT *, bit_or(hours) {before} AS used FROM habit_days)
    )
    SELECT number, day, volume, flows, hours, coalesce(suspect, FALSE) AS suspect FROM looked
    WHERE number IN (SELECT number FROM looked WHERE suspect) ORDER BY number, day
    """


def usual(least: int, most: int, floor: int, highest: int, times: int, habit: int) -> str:
    """What a day must reach to be unlike the last `most` days of each connection with at least `least`: number,
    `volume` (`highest` the highest, `times` the median, and `floor` at least), and the hours that are new."""
    volume = (
        f"greatest({int(floor)}, {int(highest)} * max(volume)::DOUBLE, {int(times)} * median(volume))"
    )
    return f"""
    WITH latest AS (
        SELECT * FROM habit_days
        QUALIFY row_number() OVER (PARTITION BY number ORDER BY day DESC) <= {int(most)}
    ), summed AS (
        SELECT number, {volume} AS volume, bit_or(hours) AS used FROM latest
        GROUP BY number HAVING count(*) >= {int(least)}
    )
    SELECT number, least(volume, 9e18)::BIGINT AS volume,
        if(bit_count(used) <= {int(habit)}, ~{_near("used")} & 16777215, 0)::INTEGER AS hours
    FROM summed ORDER BY number
    """


def _near(hours: str) -> str:
    """The hours of a day and those beside them, midnight beside the last."""
    return f"({hours} | (({hours} << 1) & 16777215) | ({hours} >> 1) | ({hours} >> 23) | (({hours} & 1) << 23))"


ALL = "SELECT *, TRUE AS suspect FROM habit_days ORDER BY number, day"
