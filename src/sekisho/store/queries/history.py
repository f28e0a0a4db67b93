"""Connections over all time from the roll-ups, and the raw records behind some of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.model.flows import FLOW_SCHEMA
from sekisho.store.queries.columns import CONNECTION, KEY, PORT, same
from sekisho.store.queries.levels import COUNTED
from sekisho.store.queries.sources import parquet
from sekisho.store.queries.translating import OWN, beside


def rows(months: Sequence[Path], days: Sequence[Path]) -> str:
    """Rows of months and of the days that no month sums up, as a relation; not both are empty."""
    return (
        "("
        + " UNION ALL ".join(
            f"SELECT {KEY}, role, first, last, flows FROM {parquet(paths)}"
            for paths in (months, days)
            if paths
        )
        + ")"
    )


def first_last(rows: str) -> str:
    """First and last of the connections in the table `asked`."""
    return f"""
    SELECT {", ".join("r." + c for c in CONNECTION)}, min(r.first) AS first, max(r.last) AS last
    FROM {rows} r SEMI JOIN asked a ON {same("r", "a")}
    WHERE {COUNTED} GROUP BY ALL
    """


def pairs_first(rows: str, never: int) -> str:
    """Of each row of `asked` (keys, number), by number, when its two ends were first seen together
    (microseconds, `never` where they were not)."""

    def ordered(row: str) -> str:
        src, dst = (f"({row}.{s}_realm, {row}.{s}_hi, {row}.{s}_lo)" for s in ("src", "dst"))
        forward = f"{src} <= {dst}"
        return ", ".join(
            f"if({forward}, {row}.{one}_{part}, {row}.{other}_{part}) AS {name}_{part}"
            for name, one, other in (("a", "src", "dst"), ("b", "dst", "src"))
            for part in ("realm", "hi", "lo")
        )

    ends = ", ".join(f"{name}_{part}" for name in "ab" for part in ("realm", "hi", "lo"))
    return f"""
    WITH pairs AS (SELECT number, {ordered("a")} FROM asked a),
    seen AS (
        SELECT {ends}, min(first) AS first FROM (SELECT {ordered("r")}, r.first FROM {rows} r WHERE {COUNTED})
        SEMI JOIN (SELECT DISTINCT {ends} FROM pairs) USING ({ends}) GROUP BY {ends}
    )
    SELECT coalesce(epoch_us(s.first), {int(never)})::BIGINT AS first
    FROM pairs p LEFT JOIN seen s USING ({ends}) ORDER BY p.number
    """


def touching(rows: str) -> str:
    """Connections that have an end in the table `asked` (realm, hi, lo), at most $1."""

    def at(end: str) -> str:
        return f"a.lo = r.{end}_lo AND a.hi = r.{end}_hi AND a.realm = r.{end}_realm"

    return f"""
    WITH rows AS (SELECT * FROM {rows} WHERE {COUNTED}), near AS (
        SELECT r.* FROM rows r SEMI JOIN asked a ON {at("src")}
        UNION ALL
        SELECT r.* FROM rows r SEMI JOIN asked a ON {at("dst")}
            ANTI JOIN asked b ON {at("src").replace("a.", "b.")}
    )
    SELECT {KEY}, min(first) AS first, max(last) AS last, sum(flows)::BIGINT AS flows
    FROM near GROUP BY {KEY} ORDER BY flows DESC, {KEY} LIMIT $1
    """


def serving(rows: str, services: Sequence[tuple[int, int]]) -> str:
    """Connections of one of the services (protocol, port), at most $1."""
    chosen = ", ".join(f"({int(protocol)}, {int(port)})" for protocol, port in services)
    return f"""
    SELECT {KEY}, min(first) AS first, max(last) AS last, sum(flows)::BIGINT AS flows
    FROM {rows} WHERE {COUNTED} AND (protocol, port) IN ({chosen})
    GROUP BY {KEY} ORDER BY flows DESC, {KEY} LIMIT $1
    """


def responders(rows: str) -> str:
    """Of the ends in the table `asked` (realm, hi, lo) that others asked, when they were asked first."""
    return f"""
    SELECT r.dst_realm AS realm, r.dst_hi AS hi, r.dst_lo AS lo, min(r.first) AS first
    FROM {rows} r SEMI JOIN asked a ON a.lo = r.dst_lo AND a.hi = r.dst_hi AND a.realm = r.dst_realm
    WHERE {COUNTED} GROUP BY ALL
    """


def days(paths: Sequence[Path]) -> str:
    """Day numbers on which any of the connections in `asked` was seen."""
    return f"""
    SELECT DISTINCT (r.day - DATE '1970-01-01')::BIGINT AS day
    FROM {parquet(paths)} r SEMI JOIN asked a ON {same("r", "a")}
    """


def files(paths: Sequence[Path], *, translated: bool = False) -> str:
    """(file, sensor) of the raw rows of the connections in `asked`, either way round; by original ends, as
    in `records`."""
    own = "own_" if translated else ""
    source = beside(parquet(paths)) if translated else parquet(paths)
    port = PORT.replace("dst_port", f"{own}dst_port")
    turned = PORT.replace("dst_port", f"{own}src_port")
    return f"""
    WITH raw AS (
        SELECT *, {port} AS port, {turned} AS other_port FROM {source}
    )
    SELECT r.file, r.sensor FROM raw r SEMI JOIN asked a
        ON a.src_lo = r.{own}src_lo AND a.dst_lo = r.{own}dst_lo
        AND a.src_hi = r.{own}src_hi AND a.dst_hi = r.{own}dst_hi AND a.protocol = r.protocol
        AND a.port = r.port AND a.src_realm = r.src_realm AND a.dst_realm = r.dst_realm
    UNION
    SELECT r.file, r.sensor FROM raw r SEMI JOIN asked a
        ON a.src_lo = r.{own}dst_lo AND a.dst_lo = r.{own}src_lo
        AND a.src_hi = r.{own}dst_hi AND a.dst_hi = r.{own}src_hi AND a.protocol = r.protocol
        AND a.port = r.other_port AND a.src_realm = r.dst_realm AND a.dst_realm = r.src_realm
    """


def records(
    paths: Sequence[Path], begin: int | None, end: int | None, *, translated: bool = False
) -> str:
    """Table `records`: raw rows of the connections in `asked`, either way round, that count.

    Reads `files` (file, path, sha256) and `superseded` (file, row), and where addresses were `translated`
    also `translations` and `resolved`: rows are found by their original ends and given as they were
    logged, with these beside (`own_src_hi` ...).
    """
    own = "own_" if translated else ""
    source = beside(parquet(paths)) if translated else parquet(paths)
    within = "TRUE"
    if begin is not None:
        within += f" AND epoch_us(start) >= {int(begin)}"
    if end is not None:
        within += f" AND epoch_us(start) < {int(end)}"
    port = PORT.replace("dst_port", f"{own}dst_port")
    turned = PORT.replace("dst_port", f"{own}src_port")
    columns = ", ".join("r." + f.name for f in FLOW_SCHEMA)
    columns += (
        "".join(f", r.{name} AS own_{name}" for name in OWN)
        if not translated
        else "".join(f", r.own_{name}" for name in OWN)
    )
    return f"""
    CREATE OR REPLACE TEMP TABLE records AS
    WITH raw AS (
        SELECT *, {port} AS port, {turned} AS other_port FROM {source} WHERE {within}
    ), found AS (
        SELECT r.* FROM raw r SEMI JOIN asked a ON a.src_lo = r.{own}src_lo AND a.dst_lo = r.{own}dst_lo
            AND a.src_hi = r.{own}src_hi AND a.dst_hi = r.{own}dst_hi AND a.protocol = r.protocol
            AND a.port = r.port AND a.src_realm = r.src_realm AND a.dst_realm = r.dst_realm
        UNION
        SELECT r.* FROM raw r SEMI JOIN asked a ON a.src_lo = r.{own}dst_lo AND a.dst_lo = r.{own}src_lo
            AND a.src_hi = r.{own}dst_hi AND a.dst_hi = r.{own}src_hi AND a.protocol = r.protocol
            AND a.port = r.other_port AND a.src_realm = r.dst_realm AND a.dst_realm = r.src_realm
    ), counted AS (
        SELECT r.* FROM found r ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row
        QUALIFY uid IS NULL OR row_number() OVER (
            PARTITION BY sensor, uid, src_realm, src_hi, src_lo, src_port,
                dst_realm, dst_hi, dst_lo, dst_port, protocol
            ORDER BY "end" DESC, bytes_out::DOUBLE + bytes_in::DOUBLE DESC, file DESC, row DESC
        ) = 1
    )
    SELECT {columns}, f.path, f.sha256 FROM counted r JOIN files f ON f.file = r.file
    """


ORDERED = """
    SELECT * FROM records QUALIFY row_number() OVER (
        PARTITION BY src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, protocol, dst_port
        ORDER BY start, sensor, file, row
    ) <= $2 ORDER BY start, sensor, file, row LIMIT $1
"""
"""At most $1 records, at most $2 of each connection."""
