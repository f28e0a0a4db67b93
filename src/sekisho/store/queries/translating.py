"""Addresses that a sensor saw in the place of others, turned back: in roll-ups the originals stand.

Reads `translations` (sensor, realm, hi, lo, low_port, high_port, begin, end, original_hi, original_lo);
times are microseconds. Of one record no two speak. What gateways logged stands in `resolved` (a record
and its `own_*` ends): it speaks of an end where no entry does.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sekisho.store.queries.columns import PORT, same
from sekisho.store.queries.names import SLACK
from sekisho.store.queries.sources import parquet

OWN = ("src_hi", "src_lo", "src_port", "dst_hi", "dst_lo", "dst_port")
"""Columns of the ends."""
_RECORD = ("file", "row", "start", "protocol", "src_realm", "dst_realm", *OWN)
"""What tells records apart: those of one datagram have one row."""
_PARTS = ("realm", "hi", "lo", "port")


def resolved(rows: str) -> str:
    """Table `resolved`: whom each of `rows` is of by what gateways logged (`logged`: ends as they are seen,
    `own_*`, realms, protocol, begin and end in microseconds), where that is one connection alone.

    By both seen ends with their ports and the time: an address many share is never enough by itself.
    """

    ends = ("src", "dst")

    def matched(*there: str) -> str:
        same = " AND ".join(
            f"l.{a}_{part} = g.{b}_{part}" for a, b in zip(ends, there, strict=True) for part in _PARTS
        )
        own = ", ".join(
            f"g.own_{b}_{part} AS own_{a}_{part}"
            for a, b in zip(ends, there, strict=True)
            for part in _PARTS[1:]
        )
        return (
            f"SELECT {', '.join(f'l.{name}' for name in _RECORD)}, {own}"
            f" FROM {rows} l JOIN logged g ON {same} AND l.protocol = g.protocol"
            f' AND epoch_us(l.start) BETWEEN g."begin" - {SLACK} AND g."end" + {SLACK}'
        )

    record = ", ".join(_RECORD)
    return f"""
    CREATE OR REPLACE TEMP TABLE resolved AS
    SELECT {record}, {", ".join(f"any_value(own_{name}) AS own_{name}" for name in OWN)}
    FROM (SELECT DISTINCT * FROM ({matched("src", "dst")} UNION ALL {matched("dst", "src")}))
    GROUP BY {record} HAVING count(*) = 1
    """


NONE_RESOLVED = f"""
    CREATE OR REPLACE TEMP TABLE resolved AS
    SELECT {", ".join(f"l.{name}" for name in _RECORD)}, {", ".join(f"l.{n} AS own_{n}" for n in OWN)}
    FROM no_flows l
"""
"""Where gateways logged nothing. Reads `no_flows`."""


def _joined(source: str) -> str:
    def entry(end: str) -> str:
        return (
            f"LEFT JOIN translations {end}_t ON {end}_t.sensor = l.sensor"
            f" AND {end}_t.realm = l.{end}_realm"
            f" AND {end}_t.hi = l.{end}_hi AND {end}_t.lo = l.{end}_lo"
            f" AND l.{end}_port BETWEEN {end}_t.low_port AND {end}_t.high_port"
            f' AND epoch_us(l.start) >= {end}_t."begin" AND epoch_us(l.start) < {end}_t."end"'
        )

    said = "LEFT JOIN resolved r ON " + " AND ".join(f"r.{name} = l.{name}" for name in _RECORD)
    return f"{source} l {entry('src')} {entry('dst')} {said}"


def _own(name: str) -> str:
    end, _, part = name.partition("_")
    given = f"l.{name}" if part == "port" else f"{end}_t.original_{part}"
    return f"CASE WHEN {end}_t.sensor IS NULL THEN coalesce(r.own_{name}, l.{name}) ELSE {given} END"


def untranslated(name: str, source: str, *, kept: bool = False) -> str:
    """A view of the rows of `source` with the original ends; `kept` makes it a table."""
    ends = ", ".join(f"{_own(column)} AS {column}" for column in OWN)
    what = "TABLE" if kept else "VIEW"
    return f"CREATE OR REPLACE TEMP {what} {name} AS SELECT l.* REPLACE ({ends}) FROM {_joined(source)}"


def beside(source: str) -> str:
    """Rows as they were logged, with the original ends beside (`own_src_hi` …)."""
    ends = ", ".join(f"{_own(column)} AS own_{column}" for column in OWN)
    return f"(SELECT l.*, {ends} FROM {_joined(source)})"


SEEN = (
    "src_realm", "src_hi", "src_lo", "src_port", "dst_realm", "dst_hi", "dst_lo", "dst_port", "protocol",
)  # fmt: skip
"""What a record and a translation of it have in common."""


def earlier(paths: Sequence[Path], before: int, begin: int, end: int) -> str:
    """Table `earlier`: the rows of files with a number below `before` that bear ends in `told_of` (SEEN)
    between two times (microseconds), without those in `gone` (file, row)."""
    return f"""
    CREATE OR REPLACE TEMP TABLE earlier AS
    SELECT r.* EXCLUDE (icmp, uid) FROM {parquet(paths)} r
    SEMI JOIN told_of t ON {same("r", "t", SEEN)}
    ANTI JOIN gone g ON r.file = g.file AND r.row = g.row
    WHERE r.file < {int(before)}
        AND epoch_us(r.start) BETWEEN {int(begin) - SLACK} AND {int(end) + SLACK}
    """


_NOW = ", ".join(f"own_{name}" for name in OWN)
_BEFORE = ", ".join(f"before_{name}" for name in OWN)
AS_KNOWN = f"""
    CREATE OR REPLACE TEMP TABLE as_known AS
    SELECT * EXCLUDE ({_NOW}), {", ".join(f"own_{name} AS before_{name}" for name in OWN)}
    FROM {beside("earlier")}
"""
"""Rows of `earlier` with the ends that were meant by what `resolved` says, as `before_src_hi` …"""
MOVED = f"""
    CREATE OR REPLACE TEMP TABLE moved AS SELECT * FROM {beside("as_known")}
    WHERE {" OR ".join(f"own_{name} IS DISTINCT FROM before_{name}" for name in OWN)}
"""
"""Those of `as_known` of which `resolved` says something else now."""


def moved(ends: str) -> str:
    """Rows of `moved` with the ends that were meant `before`, or those that are its `own`."""
    chosen = ", ".join(f"{ends}_{name} AS {name}" for name in OWN)
    return f"SELECT * EXCLUDE ({_NOW}, {_BEFORE}) REPLACE ({chosen}) FROM moved"


def _key(ends: str, prefix: str) -> str:
    parts = [
        f"{ends}_{end}_{half} AS {prefix}{end}_{half}"
        for end in ("src", "dst")
        for half in ("hi", "lo")
    ]
    return ", ".join([*parts, f"{PORT.replace('dst_port', f'{ends}_dst_port')} AS {prefix}port"])


BECAME = f"""
    SELECT DISTINCT src_realm, dst_realm, protocol, {_key("before", "")}, {_key("own", "own_")} FROM moved
"""
"""Connections as they were before, and what they became: realms and protocol stay."""
