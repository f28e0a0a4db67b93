"""The verdict of every row, and of every connection the worst."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.model.verdicts import Rank
from sekisho.store.queries.columns import CONNECTION, DAY, KEY, floored, same
from sekisho.store.queries.conversations import clamped
from sekisho.store.queries.levels import BLUNT, COUNTED, IDENTITY
from sekisho.store.queries.months import CARRIED, DAY_LEVEL, PIECE_LEVEL

_NEEDS = f"({int(Rank.LAPSED)}, {int(Rank.UNAUTHORIZED)})"
"""Decisions that hold for established flows; of others the same row is an attempt."""
_ROW = "level, span, " + KEY
_LOOSE_KEYS = (
    "src_realm VARCHAR, src_hi BIGINT, src_lo BIGINT, dst_realm VARCHAR, dst_hi BIGINT, dst_lo BIGINT,"
    " protocol SMALLINT, port INTEGER"
)
WORST_FOUND = int(Rank.UNMAPPED)
"""Connections of this rank and worse are findings."""

_JUDGED = f"""level, span, {KEY}, src_class, dst_class, days, flows, counted, first, last, decided,
    if(decided IN {_NEEDS} AND counted = 0, {int(Rank.ATTEMPTED)}, decided)::TINYINT AS rank,
    if(decided IN {_NEEDS} AND counted > 0, first_counted, first) AS since,
    bytes_out, bytes_out_spread, bytes_in, bytes_in_spread"""

NOTHING_JUDGED = f"""
    CREATE OR REPLACE TEMP TABLE judged AS
    SELECT {_JUDGED} FROM (SELECT *, 0::TINYINT AS decided FROM labelled LIMIT 0)
"""


def decided(begin: int, end: int) -> str:
    """The table `decided`: rows of `labelled` that the window [begin, end) reaches, by the decision at
    their first flow. Microseconds.

    Reads `decisions`, whose intervals cover all time without overlap. `settled` is whether that
    decision holds for every flow of the row, and the window for all of them: nothing changes between the
    first flow and the last, which begins by `until`.
    """
    keys = ", ".join("r." + column for column in CONNECTION)
    return f"""
    CREATE OR REPLACE TEMP TABLE decided AS
    SELECT r.level, r.span, {keys}, r.src_class, r.dst_class, r.days, r.flows, r.counted,
        r.first, r.first_counted, r.last, r.until, d.rank AS decided,
        r.steady AND (d."end" IS NULL OR r.until < epoch_us(d."end"))
            AND epoch_us(r.first) >= {int(begin)} AND r.until < {int(end)} AS settled,
        r.bytes_out, r.bytes_out_spread, r.bytes_in, r.bytes_in_spread
    FROM labelled r JOIN decisions d
        ON d.src_class = r.src_class AND d.dst_class = r.dst_class
        AND d.protocol = r.protocol AND d.port = r.port
    WHERE {_reached("r", begin, end)}
        AND (d."begin" IS NULL OR d."begin" <= r.first) AND (d."end" IS NULL OR r.first < d."end")
    """


def _reached(row: str, begin: int, end: int) -> str:
    return f"{row}.until >= {int(begin)} AND epoch_us({row}.first) < {int(end)}"


def undecided(begin: int, end: int) -> str:
    """How many rows that the window reaches have no decision, or several."""
    return f"""
    SELECT (SELECT count(*) FROM labelled l WHERE {_reached("l", begin, end)})
        - (SELECT count(*) FROM decided) AS n
    """


KEPT = f"INSERT INTO judged SELECT {_JUDGED} FROM decided WHERE settled OR level = {PIECE_LEVEL}"
"""A piece lies between two changes: its last flow alone may go on."""

NOTHING_LOOSE = f"""
    CREATE OR REPLACE TEMP TABLE loose (level TINYINT, span BIGINT, {_LOOSE_KEYS})
"""

LOOSE = f"INSERT INTO loose SELECT {_ROW} FROM decided WHERE NOT settled AND level < {PIECE_LEVEL}"
"""Rows that are to be looked at more closely, of all rounds."""


def loose_spans(level: int) -> str:
    """Spans of a level in which rows are loose."""
    return f"SELECT DISTINCT span FROM loose WHERE level = {int(level)} ORDER BY span"


STRICTEST = f"""
    INSERT INTO judged
    SELECT {_JUDGED} FROM (
        SELECT r.* REPLACE (d.src_class AS src_class, d.dst_class AS dst_class, d.decided AS decided)
        FROM (
            SELECT *, 0::INTEGER AS src_class, 0::INTEGER AS dst_class, 0::TINYINT AS decided
            FROM stage_rows WHERE level = {DAY_LEVEL} AND {COUNTED}
        ) r JOIN (
            SELECT b.span AS day, p.*, row_number() OVER (
                PARTITION BY b.span, {", ".join("p." + name for name in CONNECTION)}
                ORDER BY p.decided DESC, p.first) AS place
            FROM decided p JOIN blunt b ON b.begin = p.span
        ) d ON d.place = 1 AND d.day = r.span AND {same("d", "r")}
    )
"""
"""Rows of the days in `blunt` (span, begin), whose raw flows are gone: each as a whole, by the strictest
decision of the pieces of its day."""

BLUNTED = f"""
    SELECT count(*) AS n FROM (
        SELECT 1 FROM {BLUNT} r JOIN blunt b ON b.begin = r.span
        GROUP BY b.span, {", ".join("r." + name for name in CONNECTION)} HAVING count(*) > 1
    )
"""
"""How many of them may have flows in several pieces; the others are judged as sharply as ever."""

NO_LONGER_LOOSE = f"DELETE FROM loose WHERE level = {DAY_LEVEL} AND span IN (SELECT span FROM blunt)"

OVERLAPPING = """
    SELECT count(*) AS n FROM (
        SELECT since < max(until) OVER (PARTITION BY src_class, dst_class, protocol, port
            ORDER BY since, until ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS again
        FROM (
            SELECT *, coalesce(epoch_us("begin"), -9223372036854775807) AS since,
                coalesce(epoch_us("end"), 9223372036854775807) AS until
            FROM decisions
        ) WHERE since < until
    ) WHERE again
"""
"""Decisions that hold while another one of the same combination does."""

_FIRST_OF_THE_WORST = "(rank::BIGINT << 56) - epoch_us(since) // 1000"
_PACKED = "(src_class::BIGINT << 32) | dst_class"
_BYTES = ("bytes_out", "bytes_out_spread", "bytes_in", "bytes_in_spread")


def judged_connections(alone: int | None) -> str:
    """The table `judged_connections`: each connection with its worst rank. `classes` (packed in 64 bits)
    are those of the first of the worst rows.

    `alone` is a level whose rows are known to be the only ones of their connections, if there is one.
    """
    apart = "FALSE" if alone is None else f"level = {int(alone)}"
    return f"""
    CREATE OR REPLACE TEMP TABLE judged_connections AS
    SELECT {KEY}, max(rank) AS rank, sum(flows)::BIGINT AS flows,
        min(first) AS first, max(last) AS last,
        arg_max({_PACKED}, {_FIRST_OF_THE_WORST}) AS classes,
        {", ".join(f"sum({name}) AS {name}" for name in _BYTES)}
    FROM judged WHERE NOT ({apart}) GROUP BY {KEY}
    UNION ALL BY NAME
    SELECT {KEY}, rank, flows, first, last, {_PACKED} AS classes, {", ".join(_BYTES)}
    FROM judged WHERE {apart}
    """


JUDGED_ALL = f"SELECT {KEY}, rank, flows, first, last FROM judged_connections"

LINKS = f"""
    SELECT (classes >> 32)::INTEGER AS src_class, (classes & 4294967295)::INTEGER AS dst_class, rank,
        count(*) AS connections, sum(flows)::BIGINT AS flows,
        {clamped("sum(bytes_out)")} AS bytes_out, {clamped("sum(bytes_out_spread)")} AS bytes_out_spread,
        {clamped("sum(bytes_in)")} AS bytes_in, {clamped("sum(bytes_in_spread)")} AS bytes_in_spread
    FROM judged_connections GROUP BY src_class, dst_class, rank
"""


def of_services(services: Sequence[tuple[int, int]]) -> str:
    """As LINKS, of connections of one of the services (protocol, port) alone, by service."""
    chosen = ", ".join(f"({int(protocol)}, {int(port)})" for protocol, port in services)
    return f"""
    SELECT (classes >> 32)::INTEGER AS src_class, (classes & 4294967295)::INTEGER AS dst_class, protocol,
        port, count(*) AS connections, sum(flows)::BIGINT AS flows,
        {", ".join(f"{clamped(f'sum({name})')} AS {name}" for name in _BYTES)}
    FROM judged_connections WHERE (protocol, port) IN ({chosen})
    GROUP BY src_class, dst_class, protocol, port
    """


CONNECTION_TOTALS = "SELECT rank, count(*) AS connections FROM judged_connections GROUP BY rank"

FLOW_TOTALS = f"""
    SELECT rank::TINYINT AS rank, sum(flows)::BIGINT AS flows FROM (
        SELECT decided AS rank, if(decided IN {_NEEDS}, counted, flows) AS flows FROM judged
        UNION ALL
        SELECT {int(Rank.ATTEMPTED)}, flows - counted FROM judged WHERE decided IN {_NEEDS}
    ) GROUP BY ALL HAVING sum(flows) > 0
"""

VIOLATING = f"""
    CREATE OR REPLACE TEMP TABLE violating AS SELECT * FROM judged WHERE rank >= {WORST_FOUND}
"""

_PIECE = f"level = {PIECE_LEVEL}"


def measures(judged: str) -> str:
    """One row per connection of a relation of judged rows: every measure is of these rows alone. The
    classes are those of the first of its worst rows, as in `LINKS`; `judged_at` is when that began."""
    return f"""
    WITH rows AS (
        SELECT j.rank, j.since, j.src_class, j.dst_class, r.*
        FROM stage_rows r JOIN {judged} j ON {same("j", "r", IDENTITY)}
        WHERE r.{COUNTED}
    )
    SELECT {KEY}, max(rank) AS rank, sum(flows)::BIGINT AS flows, sum(counted)::BIGINT AS established,
        (coalesce(sum(days) FILTER (NOT {_PIECE}), 0)
            + count(DISTINCT {floored("span", DAY)}) FILTER ({_PIECE}))::BIGINT AS days_active,
        min(first) AS first_seen, max(last) AS last_seen, min(first_counted) AS first_established,
        {", ".join(f"{clamped(f'sum({name})')} AS {name}" for name in CARRIED)},
        bit_or(hours) AS hours, bit_or(flags) AS flags, min(orientation) AS orientation,
        CASE WHEN min(services) = max(services) THEN min(services)
            ELSE min(services) || ',' || max(services) END AS services,
        {", ".join(f"arg_max({name}, {_FIRST_OF_THE_WORST}) AS {name}" for name in ("src_class", "dst_class"))},
        arg_max(since, {_FIRST_OF_THE_WORST}) AS judged_at
    FROM rows GROUP BY {KEY}
    """


VIOLATIONS = measures("violating")
"""One row per connection that is found, of its violating rows."""

MEASURES = measures(f"(SELECT j.* FROM judged j SEMI JOIN asked a ON {same('j', 'a')})")
"""One row per connection of the table `asked`, of all its rows."""
