"""Which sensor saw which places talk in which week, from the roll-ups of days.

Reads `weeks` (day, week, epoch), one row a day, and `places` (epoch, realm, hi, lo, place), one row an
end: a place is a number the asker gives, `UNKNOWN` an end that belongs to nobody, less another end that
does not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.addresses import V4_HI, V4_LO_FIRST, V4_LO_LAST
from sekisho.store.queries.columns import KEY
from sekisho.store.queries.levels import COUNTED, SEEN
from sekisho.store.queries.sources import parquet

UNKNOWN, NOBODY = -1, -2

_V4 = f"(hi = {V4_HI} AND lo BETWEEN {V4_LO_FIRST} AND {V4_LO_LAST})"
NETWORK = f"if({_V4}, lo - (lo - {V4_LO_FIRST}) % 256, 0)"
"""The /24 of an IPv4 address; of IPv6 the /64 is `hi` alone."""


def rows(paths: Sequence[Path]) -> str:
    """A view of the connection-days of the days in `weeks`."""
    return f"""
    CREATE OR REPLACE TEMP VIEW sighted AS
    SELECT r.*, w.week, w.epoch FROM {parquet(paths)} r
    JOIN weeks w ON w.day = (r.day - DATE '1970-01-01')::BIGINT
    """


ENDS = """
    SELECT epoch, src_realm AS realm, src_hi AS hi, src_lo AS lo FROM sighted
    UNION
    SELECT epoch, dst_realm, dst_hi, dst_lo FROM sighted
"""
"""Every end once an epoch."""

_PLACED = f"""
    SELECT r.*, s.place AS src_place, d.place AS dst_place FROM sighted r
    JOIN places s ON s.epoch = r.epoch AND s.realm = r.src_realm AND s.hi = r.src_hi AND s.lo = r.src_lo
    JOIN places d ON d.epoch = r.epoch AND d.realm = r.dst_realm AND d.hi = r.dst_hi AND d.lo = r.dst_lo
    WHERE s.place >= {UNKNOWN} AND d.place >= {UNKNOWN}
"""

BETWEEN = f"""
    SELECT week, sensor, least(src_place, dst_place)::INTEGER AS a,
        greatest(src_place, dst_place)::INTEGER AS b, sum(flows)::BIGINT AS flows
    FROM ({_PLACED}) WHERE {SEEN} AND src_place >= 0 AND dst_place >= 0 AND src_place <> dst_place
    GROUP BY ALL ORDER BY ALL
"""
"""(week, sensor, a, b, flows) of two places, either direction; each sensor counts its own."""

STRANGERS = f"""
    WITH placed AS ({_PLACED}), met AS (
        SELECT src_realm AS realm, src_hi AS hi, src_lo AS lo, dst_place AS place, sensor, role, flows,
            first, last, {KEY} FROM placed WHERE src_place = {UNKNOWN} AND dst_place >= 0
        UNION ALL
        SELECT dst_realm, dst_hi, dst_lo, src_place, sensor, role, flows, first, last, {KEY}
        FROM placed WHERE dst_place = {UNKNOWN} AND src_place >= 0
    ), networks AS (
        SELECT realm, hi, {NETWORK} AS network, min(lo) AS lo, count(DISTINCT lo) AS hosts,
            count(DISTINCT ({KEY})) AS connections,
            coalesce(sum(flows) FILTER ({COUNTED}), 0)::BIGINT AS flows,
            min(first) FILTER ({SEEN}) AS first, max(last) FILTER ({SEEN}) AS last,
            list_sort(list(DISTINCT sensor) FILTER ({SEEN})) AS sensors,
            list_sort(list(DISTINCT place)) AS places
        FROM met GROUP BY realm, hi, network
    )
    SELECT realm, hi, lo, hosts, connections, flows, first, last, sensors, places,
        count(*) OVER () AS networks
    FROM networks ORDER BY connections DESC, flows DESC, realm, hi, lo LIMIT $1
"""
"""Networks of ends that belong to nobody and talked to a place, those with the most connections first."""
