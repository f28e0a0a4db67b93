"""The rows that one round of judging looks at: whole months, days, or pieces of days.

A row is known by (level, span, connection); of those that count every flow once each of these has one.
"""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.store.queries.columns import CONNECTION, DAY, same
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL, PIECE_LEVEL
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW

COUNTED = f"role IN ({ONLY}, {MERGED})"
SEEN = f"role IN ({ONLY}, {VIEW})"
IDENTITY = ("level", "span", *CONNECTION)


def rows(name: str, relations: Sequence[str]) -> str:
    """A view of all rows of relations of one shape."""
    union = " UNION ALL BY NAME ".join(f"SELECT * FROM {relation}" for relation in relations)
    return f"CREATE OR REPLACE TEMP VIEW {name} AS {union}"


def addresses(name: str) -> str:
    """(era, realm, hi, lo) of every end of the rows, each once; reads `spans` (level, span, era)."""
    return f"""
    SELECT DISTINCT era, realm, hi, lo FROM (
        SELECT DISTINCT s.era, r.src_realm AS realm, r.src_hi AS hi, r.src_lo AS lo
        FROM {name} r JOIN spans s ON s.level = r.level AND s.span = r.span WHERE r.{COUNTED}
        UNION ALL
        SELECT DISTINCT s.era, r.dst_realm, r.dst_hi, r.dst_lo
        FROM {name} r JOIN spans s ON s.level = r.level AND s.span = r.span WHERE r.{COUNTED}
    )
    """


def labelled(name: str) -> str:
    """The table `labelled`: rows that count, with the classes of their ends in their era.

    Reads `spans` and `labels` (era, realm, hi, lo, class, steady): the class at the era's beginning, and
    whether it stays the same until its end. `until` (microseconds) is by when the last flow began.
    """
    keys = ", ".join(f"r.{column}" for column in CONNECTION)
    return f"""
    CREATE OR REPLACE TEMP TABLE labelled AS
    SELECT r.level, r.span, {keys}, s."class" AS src_class, d."class" AS dst_class,
        s.steady AND d.steady AS steady, r.days, r.flows, r.counted, r.first, r.first_counted, r.last,
        least(epoch_us(r.last), e.stop - 1) AS until,
        r.bytes_out, r.bytes_out_spread, r.bytes_in, r.bytes_in_spread
    FROM {name} r JOIN spans e ON e.level = r.level AND e.span = r.span
    JOIN labels s ON s.era = e.era AND s.lo = r.src_lo AND s.hi = r.src_hi AND s.realm = r.src_realm
    JOIN labels d ON d.era = e.era AND d.lo = r.dst_lo AND d.hi = r.dst_hi AND d.realm = r.dst_realm
    WHERE r.{COUNTED}
    """


COMBINATIONS = "SELECT DISTINCT src_class, dst_class, protocol, port FROM labelled"

TWICE_LABELLED = """
    SELECT count(*) AS n FROM (SELECT 1 FROM labels GROUP BY era, realm, hi, lo HAVING count(*) > 1)
"""


def unlabelled(name: str) -> str:
    """How many rows that count have an end without a label."""
    return f"""
    SELECT (SELECT count(*) FROM {name} WHERE {COUNTED}) - (SELECT count(*) FROM labelled) AS n
    """


def days_of_months(days: str) -> str:
    """Rows of days of the connections in `loose` (level, span, keys) whose span is a month; reads
    `month_days` (month, span)."""
    return f"""
    SELECT r.* FROM {days} r JOIN month_days m ON m.span = r.span
    SEMI JOIN loose l ON l.level = {MONTH_LEVEL} AND l.span = m.month AND {same("l", "r")}
    WHERE r.level = {DAY_LEVEL}
    """


def of_day(pieces: str, day: int) -> str:
    """Rows of pieces of the connections of a day that are in `loose`."""
    return f"""
    SELECT r.* FROM ({pieces}) r SEMI JOIN loose l
        ON l.level = {DAY_LEVEL} AND l.span = {int(day) * DAY} AND {same("l", "r")}
    """


BLUNT = "blunt_rows"


def blunt(rows: str) -> str:
    """The table BLUNT: rows of days that are in `loose`, once for each piece of their day in which they
    may have flows; reads `blunt` (span of the day; begin, stop of the piece)."""
    return f"""
    CREATE OR REPLACE TEMP TABLE {BLUNT} AS
    SELECT r.* REPLACE ({PIECE_LEVEL}::TINYINT AS level, b.begin AS span,
        greatest(r.first, make_timestamptz(b.begin)) AS first)
    FROM {rows} r JOIN blunt b
        ON b.span = r.span AND epoch_us(r.first) < b.stop AND epoch_us(r.last) >= b.begin
    SEMI JOIN loose l ON {same("l", "r", IDENTITY)}
    WHERE r.level = {DAY_LEVEL} AND r.{COUNTED}
    """


def ends_of_day(day: int) -> str:
    """The ends of the connections of a day that are in `loose`, either way round, as table `wanted`."""
    src, dst = "src_realm, src_hi, src_lo", "dst_realm, dst_hi, dst_lo"
    where = f"level = {DAY_LEVEL} AND span = {int(day) * DAY}"
    return f"""
    CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT {src}, {dst}, protocol FROM loose WHERE {where}
    UNION SELECT {dst}, {src}, protocol FROM loose WHERE {where}
    """


def views(judged: str = "violating") -> str:
    """Per connection of the table `asked` and sensor what that sensor alone saw of its rows that are in
    a table of judged ones."""
    return f"""
    SELECT {", ".join("r." + c for c in CONNECTION)}, r.sensor,
        sum(r.flows)::BIGINT AS flows, sum(r.established)::BIGINT AS established,
        min(r.first) AS first, max(r.last) AS last, min(r.first_established) AS first_established
    FROM stage_rows r SEMI JOIN asked a ON {same("r", "a")}
        SEMI JOIN {judged} v ON {same("v", "r", IDENTITY)}
    WHERE r.{SEEN} GROUP BY ALL
    """


USAGE = """
    SELECT src_class, dst_class, protocol, port, min(first) AS first, max(last) AS last
    FROM judged GROUP BY ALL
"""
