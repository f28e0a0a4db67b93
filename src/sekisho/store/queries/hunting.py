"""Indicators against all history: which ends they name in the roll-ups, and which names on record.

Reads `asked_addresses` (number, hi, lo), `asked_prefixes` (number, hi, lo, length) and `asked_names`
(number, family, value); `number` is the asker's own of an indicator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sekisho.model.names import DOTTED, NameKind
from sekisho.store.queries.columns import DAY, KEY, floored
from sekisho.store.queries.levels import COUNTED, SEEN
from sekisho.store.queries.sources import parquet

BELOW, HOST = "below", "host"
"""Families of names: a domain with all below it, and a host's name alone. Others are kinds of names."""
MOST_LABELS = 12
_DOTTED = ", ".join(f"'{kind}'" for kind in sorted(DOTTED))
_MEASURES = (
    "flows, established, first, last, first_established, bytes_out, bytes_out_spread, bytes_in,"
    " bytes_in_spread, flags"
)


def rows(months: Sequence[Path], days: Sequence[Path]) -> str:
    """A view `hunted` of rows of months and of days that no month sums up; not both are empty."""
    union = " UNION ALL ".join(
        f"SELECT {KEY}, role, sensor, {many} AS days, {_MEASURES} FROM {parquet(paths)}"
        for paths, many in ((months, "days::BIGINT"), (days, "1::BIGINT"))
        if paths
    )
    return f"CREATE OR REPLACE TEMP VIEW hunted AS {union}"


ENDS = f"""
    CREATE OR REPLACE TEMP TABLE ends AS
    SELECT src_hi AS hi, src_lo AS lo FROM hunted WHERE {COUNTED}
    UNION SELECT dst_hi, dst_lo FROM hunted WHERE {COUNTED}
"""
"""Every end once, of whatever realm: what is indicated is reached from all alike."""

ADDRESSES = """
    SELECT DISTINCT a.number, e.hi, e.lo FROM ends e JOIN asked_addresses a ON a.hi = e.hi AND a.lo = e.lo
"""


def prefixes(lengths: Iterable[int]) -> str:
    """The ends in prefixes of these lengths (of 128 bits, not 0): (number, hi, lo).

    By cutting each end to each length, so that every engine joins on equal values.
    """
    found = [
        "SELECT a.number, e.hi, e.lo FROM ends e JOIN asked_prefixes a"
        f" ON a.length = {int(length)} AND {_cut(int(length))}"
        for length in sorted(set(lengths))
    ]
    return " UNION ".join(found)


def _cut(length: int) -> str:
    if length <= 64:
        return f"a.hi = {_floored('e.hi', 64 - length)}"
    return f"a.hi = e.hi AND a.lo = {_floored('e.lo', 128 - length)}"


def _floored(value: str, bits: int) -> str:
    """The number with its last bits zero. Halves are shifted by 2**63, which all but that many divide."""
    if bits == 63:
        return f"if({value} < 0, {-(1 << 63)}, 0)"
    return floored(value, 1 << bits) if bits else value


def contacts() -> str:
    """(number, hi, lo, keys, measures) of connections with an end in the table `matched` (number, hi, lo);
    at most $1, those that were established and have the most flows first."""
    return _measured(
        """
        SELECT m.number, m.hi, m.lo, r.* FROM hunted r
        JOIN matched m ON m.hi = r.src_hi AND m.lo = r.src_lo
        UNION ALL
        SELECT m.number, m.hi, m.lo, r.* FROM hunted r
        JOIN matched m ON m.hi = r.dst_hi AND m.lo = r.dst_lo
        ANTI JOIN matched b ON b.number = m.number AND b.hi = r.src_hi AND b.lo = r.src_lo
        """
    )


def carriers() -> str:
    """The same of connections in which the table `named` has a name; `hi` and `lo` are null."""
    ends = " AND ".join(
        f"c.{end}_{part} = r.{end}_{part}" for end in ("src", "dst") for part in ("realm", "hi", "lo")
    )
    return _measured(
        f"""
        SELECT c.number, NULL::BIGINT AS hi, NULL::BIGINT AS lo, r.* FROM hunted r JOIN (
            SELECT DISTINCT number, src_realm, src_hi, src_lo, dst_realm, dst_hi, dst_lo, dst_port
            FROM named WHERE src_hi IS NOT NULL AND dst_hi IS NOT NULL
        ) c ON {ends} AND (c.dst_port IS NULL OR c.dst_port = r.port)
        """
    )


def _measured(near: str) -> str:
    sums = ", ".join(
        f"sum({name}) FILTER ({COUNTED})::BIGINT AS {name}"
        for name in (
            "days",
            "flows",
            "established",
            "bytes_out",
            "bytes_out_spread",
            "bytes_in",
            "bytes_in_spread",
        )
    )
    return f"""
    WITH near AS ({near}), found AS (
        SELECT number, hi, lo, {KEY}, {sums}, min(first) FILTER ({COUNTED}) AS first,
            max(last) FILTER ({COUNTED}) AS last,
            min(first_established) FILTER ({COUNTED}) AS first_established,
            bit_or(flags) FILTER ({COUNTED})::INTEGER AS flags,
            list_sort(list(DISTINCT sensor) FILTER ({SEEN})) AS sensors
        FROM near GROUP BY ALL
    )
    SELECT *, count(*) OVER () AS total FROM found WHERE flows IS NOT NULL
    ORDER BY established > 0 DESC, flows DESC, {KEY}, number LIMIT $1
    """


def named(paths: Sequence[Path]) -> str:
    """Table `named`: rows of names that indicators are, within [$1, $2) microseconds where these are given.

    Reads `superseded` (file, row).
    """
    return f"""
    CREATE OR REPLACE TEMP TABLE named AS
    WITH rows AS (
        SELECT r.* FROM (
            SELECT * FROM {parquet(paths)} WHERE kind <> '{NameKind.NAT}'
                AND ($1 IS NULL OR epoch_us(time) >= $1::BIGINT)
                AND ($2 IS NULL OR epoch_us(time) < $2::BIGINT)
        ) r ANTI JOIN superseded s ON r.file = s.file AND r.row = s.row
    ), spelled AS (
        SELECT DISTINCT kind, value,
            if(kind = '{NameKind.HTTP_HOST}', regexp_replace(value, ':[0-9]+$', ''), value) AS bare
        FROM rows WHERE kind IN ({_DOTTED})
    ), cut AS (
        SELECT kind, value, labels, unnest(generate_series(1, least(len(labels), {MOST_LABELS}))) AS many
        FROM (SELECT kind, value, string_split(bare, '.') AS labels FROM spelled)
    ), hits AS (
        SELECT a.number, c.kind, c.value FROM cut c JOIN asked_names a
            ON a.family = '{BELOW}' AND a.value = array_to_string(c.labels[-c.many:], '.')
        UNION
        SELECT a.number, s.kind, s.value FROM spelled s JOIN asked_names a
            ON a.family = '{HOST}' AND a.value = s.bare
        UNION
        SELECT a.number, r.kind, r.value
        FROM (SELECT DISTINCT kind, value FROM rows WHERE kind NOT IN ({_DOTTED})) r
        JOIN asked_names a ON a.family = r.kind AND a.value = r.value
    )
    SELECT h.number, r.* FROM rows r JOIN hits h ON h.kind = r.kind AND h.value = r.value
    """


SIGHTINGS = f"""
    WITH found AS (
        SELECT n.number, n.kind, n.value, n.src_realm, n.src_hi, n.src_lo, n.dst_realm, n.dst_hi, n.dst_lo,
            n.dst_port, count(*) AS times, min(n.time) AS first, max(n.time) AS last,
            count(DISTINCT epoch_us(n.time) // {DAY}) AS days,
            list_sort(list(DISTINCT n.sensor)) AS sensors,
            arg_min(f.path, (n.time, n.file, n.row)) AS path,
            arg_min(f.sha256, (n.time, n.file, n.row)) AS sha256,
            arg_min(n.row, (n.time, n.file, n.row)) AS row
        FROM named n JOIN files f ON f.file = n.file
        GROUP BY n.number, n.kind, n.value, n.src_realm, n.src_hi, n.src_lo, n.dst_realm, n.dst_hi,
            n.dst_lo, n.dst_port
    )
    SELECT *, count(*) OVER () AS total FROM found ORDER BY times DESC, first, number, value LIMIT $1
"""
"""At most $1 names with whom they were seen between; reads `files` (file, path, sha256)."""


def answers(paths: Sequence[Path]) -> str:
    """At most $1 answers to the questions in the table `named`: (number, value, src_realm, src_hi, src_lo,
    answer). An answer stands in the line of its question."""
    return f"""
    SELECT DISTINCT n.number, n.value, n.src_realm, n.src_hi, n.src_lo, a.value AS answer
    FROM (SELECT file, row, value FROM {parquet(paths)} WHERE kind = '{NameKind.DNS_ANSWER}') a
    JOIN named n ON n.file = a.file AND n.row = a.row
    WHERE n.kind = '{NameKind.DNS_QUERY}' AND n.src_hi IS NOT NULL
    ORDER BY ALL LIMIT $1
    """


FOLLOWED = f"""
    SELECT r.src_realm, r.src_hi, r.src_lo, r.dst_hi AS hi, r.dst_lo AS lo, max(r.last) AS last
    FROM hunted r SEMI JOIN answered a ON a.src_realm = r.src_realm AND a.src_hi = r.src_hi
        AND a.src_lo = r.src_lo AND a.hi = r.dst_hi AND a.lo = r.dst_lo
    WHERE {COUNTED} GROUP BY r.src_realm, r.src_hi, r.src_lo, r.dst_hi, r.dst_lo
"""
"""When hosts last opened a connection to an address in the table `answered` (src_realm, src_hi, src_lo, hi,
lo) that they had been given."""
