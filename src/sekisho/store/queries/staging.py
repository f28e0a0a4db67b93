"""The rows an audit judges: whole days from roll-ups, days that are cut from their raw flows."""

from __future__ import annotations

from collections.abc import Sequence

from sekisho.store.queries.columns import KEY, same
from sekisho.store.queries.rollup import MERGED, ONLY, VIEW

COUNTED = f"role IN ({ONLY}, {MERGED})"
SEEN = f"role IN ({ONLY}, {VIEW})"


def epoch(epochs: Sequence[int]) -> str:
    """Number of change points at or before the row's begin."""
    if not epochs:
        return "0::INTEGER"
    return "(" + " + ".join(f"(piece_begin >= {int(at)})::INTEGER" for at in epochs) + ")::INTEGER"


def rows(relations: Sequence[str], epochs: Sequence[int]) -> str:
    """The view `stage_rows`: all rows of all roles, with their epoch."""
    union = " UNION ALL BY NAME ".join(f"SELECT * FROM {relation}" for relation in relations)
    return (
        f"CREATE OR REPLACE TEMP VIEW stage_rows AS SELECT *, {epoch(epochs)} AS epoch FROM ({union})"
    )


ADDRESSES = f"""
    SELECT DISTINCT epoch, realm, hi, lo FROM (
        SELECT DISTINCT epoch, src_realm AS realm, src_hi AS hi, src_lo AS lo
        FROM stage_rows WHERE {COUNTED}
        UNION ALL
        SELECT DISTINCT epoch, dst_realm, dst_hi, dst_lo FROM stage_rows WHERE {COUNTED}
    )
"""

LABELLED = f"""
    CREATE OR REPLACE TEMP TABLE labelled AS
    SELECT r.day, r.piece_begin, r.epoch, {", ".join("r." + c for c in KEY.split(", "))},
        s."class" AS src_class, d."class" AS dst_class,
        r.flows, r.established, r.first, r.last, r.oneway_flows,
        greatest(r.oneway_out, r.oneway_in) AS oneway,
        r.bytes_out, r.bytes_out_spread, r.bytes_in, r.bytes_in_spread
    FROM stage_rows r
    JOIN labels s ON s.epoch = r.epoch AND s.lo = r.src_lo AND s.hi = r.src_hi AND s.realm = r.src_realm
    JOIN labels d ON d.epoch = r.epoch AND d.lo = r.dst_lo AND d.hi = r.dst_hi AND d.realm = r.dst_realm
    WHERE {COUNTED}
"""

COMBINATIONS = "SELECT DISTINCT epoch, src_class, dst_class, protocol, port FROM labelled"

USAGE = """
    SELECT epoch, src_class, dst_class, protocol, port, min(first) AS first, max(last) AS last
    FROM labelled GROUP BY ALL
"""


def views() -> str:
    """Per connection of the table `asked` and sensor what that sensor alone saw of its violating rows."""
    return f"""
    SELECT {", ".join("r." + c for c in KEY.split(", "))}, r.sensor,
        sum(r.flows)::BIGINT AS flows, sum(r.established)::BIGINT AS established,
        min(r.first) AS first, max(r.last) AS last, min(r.first_established) AS first_established
    FROM stage_rows r SEMI JOIN asked a ON {same("r", "a")}
        SEMI JOIN violating v ON v.day = r.day AND v.piece_begin = r.piece_begin AND {same("v", "r")}
    WHERE {SEEN} GROUP BY ALL
    """
