"""What the sensors at both ends of a connection recorded of it, by the day, and what explains a difference.

Rows that count say how many flows there were in all; a view says how many of them one sensor has. Where
every edge has as many as there were, both ends recorded everything, of a month as of a day: only months
where one has fewer are looked at by the day.
"""

from __future__ import annotations

from sekisho.model.flows import Flag
from sekisho.store.queries.columns import CONNECTION, DAY, KEY, floored, same
from sekisho.store.queries.levels import COUNTED, IDENTITY, SEEN
from sekisho.store.queries.months import MONTH_LEVEL

UNEXPLAINED, SAMPLING, OUTAGE, BLOCKED, PERHAPS_OUTAGE, ELSEWHERE = 0, 1, 2, 3, 4, 5
"""What explains that an end recorded fewer flows than there were; the first that does. `PERHAPS_OUTAGE`:
some flows began in dark hours, others did not; which are lacking, only records can tell. `ELSEWHERE`: the
end has as many as the other, and sensors at neither edge account for the rest; unless records say otherwise,
the ends agree."""
UNLIKELY = 1e-6
"""A sampled sensor that misses every packet of a connection with less than this chance did not merely
sample."""

PACKETS = 10**12
"""More are as good as these: a sampled sensor does not miss them all."""

_SIDE = """
        coalesce(sum(r.flows) FILTER (WHERE {here}), 0)::BIGINT AS at_{end},
        coalesce(max(r.flows) FILTER (WHERE {here}), 0)::BIGINT AS most_{end},
        coalesce(sum(r.established) FILTER (WHERE {here}), 0)::BIGINT AS established_{end},
        coalesce(bit_or(r.hours) FILTER (WHERE {here}), 0)::INTEGER AS hours_{end}"""


def between() -> str:
    """The table `between_ends`: judged rows between two sites that both have sensors at their edge.

    Reads `class_sites` (class, site): the sites, by number, of classes of addresses.
    """
    keys = ", ".join(f"j.{name}" for name in IDENTITY)
    return f"""
    CREATE OR REPLACE TEMP TABLE between_ends AS
    SELECT {keys}, s.site AS src_site, d.site AS dst_site
    FROM judged j JOIN class_sites s ON s."class" = j.src_class
    JOIN class_sites d ON d."class" = j.dst_class
    WHERE s.site <> d.site
    """


_LOCATED = """r.level, r.span, {keys}, {sites}, r.role, r.sensor, r.days, r.flows, r.established, r.first,
        r.last, r.hours, r.packets_out, r.packets_in"""
_KEYS = ", ".join(f"r.{name}" for name in CONNECTION)

ROWS_BETWEEN = f"""
    SELECT {_LOCATED.format(keys=_KEYS, sites="b.src_site, b.dst_site")}
    FROM stage_rows r JOIN between_ends b ON {same("b", "r", IDENTITY)}
"""
"""Rows, counted and views, of `between_ends`, with the sites of their ends."""


def sided(located: str) -> str:
    """Each row of `between_ends` with what either edge has of it; reads `edges` (sensor, site)."""
    keys = ", ".join(f"r.{name}" for name in IDENTITY)
    whole = f"FILTER (WHERE r.{COUNTED})"
    sides = ",".join(
        _SIDE.format(here=f"r.{SEEN} AND e.site = r.{end}_site", end=end) for end in ("src", "dst")
    )
    return f"""
    SELECT {keys}, r.src_site, r.dst_site,
        coalesce(max(r.flows) FILTER (WHERE r.{SEEN}
            AND coalesce(e.site, 0) NOT IN (r.src_site, r.dst_site)), 0)::BIGINT AS elsewhere,
        (max(r.days) {whole})::BIGINT AS days, max(r.flows) {whole} AS flows,
        min(r.first) {whole} AS first, max(r.last) {whole} AS last,
        max(r.hours) {whole} AS hours,
        max(least(r.packets_out, {PACKETS}) + least(r.packets_in, {PACKETS})) {whole} AS packets,
        {sides}
    FROM ({located}) r LEFT JOIN edges e ON e.sensor = r.sensor
    GROUP BY ALL
    """


EVEN = "most_src = flows AND most_dst = flows"

SIDED = f"CREATE OR REPLACE TEMP TABLE sided AS {sided(ROWS_BETWEEN)}"

UNEVEN_MONTHS = f"""
    SELECT DISTINCT span FROM sided WHERE level = {MONTH_LEVEL} AND NOT ({EVEN}) ORDER BY span
"""
"""Months of which something is to be looked at by the day."""

OF_MONTHS = f"""
    CREATE OR REPLACE TEMP TABLE of_months AS
    SELECT {", ".join(IDENTITY)}, src_site, dst_site FROM sided
    WHERE level = {MONTH_LEVEL} AND NOT ({EVEN})
"""

NO_MONTHS = f"DELETE FROM sided WHERE level = {MONTH_LEVEL} AND NOT ({EVEN})"


def days_between(days: str) -> str:
    """Rows of days of what is in `of_months`, with the sites of their ends; reads `month_days` (month, span)
    and a relation of rows of days."""
    return f"""
    SELECT {_LOCATED.format(keys=_KEYS, sites="o.src_site, o.dst_site")}
    FROM {days} r JOIN month_days m ON m.span = r.span
    JOIN of_months o ON o.span = m.month AND {same("o", "r")}
    """


def by_day(days: str) -> str:
    """Add these to `sided`."""
    return f"INSERT INTO sided BY NAME {sided(days_between(days))}"


_HERE = "least(at_{end}, flows)"


def _missing(end: str, other: str) -> str:
    """How many flows the other end recorded and this one did not, at least."""
    here = _HERE.format(end=end)
    return f"least(flows - {here}, {_HERE.format(end=other)})"


def compared() -> str:
    """The table `compared`: of each row that is uneven, once for each end that has fewer flows than the
    other shows that there were, how many it misses, and what explains that.

    Reads `dark` (site, day, hours): hours, as bits, in which an edge had a sensor that recorded nothing or
    lost records; and `rates` (site, one_in): edges whose sensors sample.
    """
    parts = []
    for end, other in (("src", "dst"), ("dst", "src")):
        missing = _missing(end, other)
        # Of those that are missing as many were answered as the other end has more of, and as it has not
        # enough unanswered ones for.
        answered = (
            f"greatest(established_{other} - least(established_{end}, established_{other}),"
            f" {missing} - (at_{other} - established_{other}))"
            if end == "dst"
            else f"flows - least(established_{end}, flows)"
        )
        parts.append(
            f"""
        SELECT {", ".join(IDENTITY)}, src_site, dst_site, '{end}' AS missing_at, {end}_site AS site,
            days, flows, first, last, hours, packets, elsewhere, at_{end} AS here, at_{other} AS there,
            {missing} AS missing, hours_{other} & ~hours_{end} AS without,
            {answered} AS answered
        FROM sided WHERE NOT ({EVEN}) AND {missing} > 0"""
        )
    return f"""
    CREATE OR REPLACE TEMP TABLE compared AS
    SELECT u.*, u.here = u.there AS alike, CASE
            WHEN u.elsewhere > 0 AND u.here >= u.there AND u.elsewhere >= u.flows - u.here THEN {ELSEWHERE}
            WHEN a.one_in > 1 AND (u.here > 0 OR u.packets * ln(1 - 1 / a.one_in) > ln({UNLIKELY}))
                THEN {SAMPLING}
            WHEN (u.hours & ~coalesce(d.hours, 0)) = 0 THEN {OUTAGE}
            WHEN (u.hours & d.hours) <> 0 THEN {PERHAPS_OUTAGE}
            WHEN u.missing_at = 'dst' AND u.answered = 0 THEN {BLOCKED}
            ELSE {UNEXPLAINED} END::TINYINT AS why
    FROM ({" UNION ALL ".join(parts)}) u
    LEFT JOIN rates a ON a.site = u.site
    LEFT JOIN dark d ON d.site = u.site AND d.day = {floored("u.span", DAY)}
    """


UNEVEN = """
    SELECT src_site, dst_site, missing_at, here > 0 AS partly, alike, why,
        sum(days)::BIGINT AS connection_days, sum(missing)::BIGINT AS missing,
        sum(flows)::BIGINT AS flows
    FROM compared GROUP BY ALL
"""
"""Uneven connection-days of each pair of sites."""

WHOLE = f"""
    SELECT src_site, dst_site, sum(days)::BIGINT AS connection_days, sum(flows)::BIGINT AS flows,
        coalesce(sum(days) FILTER ({EVEN}), 0)::BIGINT AS even,
        coalesce(sum(days) FILTER (at_src = 0 AND at_dst = 0), 0)::BIGINT AS neither
    FROM sided GROUP BY ALL
"""
"""All connection-days of each pair of sites, those of which both ends have everything, and those that only
sensors at neither edge have."""

SPREAD = f"""
    SELECT site, {floored("span", DAY)} AS day,
        coalesce(bit_or(without) FILTER (here > 0 AND why = {UNEXPLAINED}), 0)::INTEGER AS without,
        coalesce(sum(missing) FILTER (here > 0 AND why = {UNEXPLAINED}), 0)::BIGINT AS missing,
        count(*) FILTER (here > 0 AND why = {UNEXPLAINED} AND without <> 0) AS partly
    FROM compared GROUP BY ALL
"""
"""Of each edge and day what it misses of connections that it has otherwise: `partly` of them lack all
flows of an hour, `without` are these hours, as bits."""

CANDIDATES = f"""
    SELECT level, span, {KEY}, src_site, dst_site, missing_at, site, days, flows, first, last, hours,
        packets, elsewhere, here, there, missing, answered, alike, why
    FROM compared WHERE why IN ({UNEXPLAINED}, {PERHAPS_OUTAGE}, {ELSEWHERE})
    ORDER BY why, here > 0, missing DESC, span, {KEY}, missing_at LIMIT $1
"""
"""What nothing explains so far; what an end has nothing of comes first."""

SAMPLED = f"""
    SELECT sensor FROM stage_rows WHERE {SEEN} AND flags & {int(Flag.SAMPLED)} <> 0
    GROUP BY sensor ORDER BY sensor
"""
"""Sensors that say that they sampled."""
