"""Addresses that a sensor saw in the place of others, turned back: in roll-ups the originals stand.

Reads `translations` (sensor, realm, hi, lo, low_port, high_port, begin, end, original_hi, original_lo);
times are microseconds. Of one record no two speak. What gateways logged stands in `resolved` (a record
and its `own_*` ends): it speaks of an end where no entry does.
"""

from __future__ import annotations

from sekisho.store.queries.names import SLACK

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


def untranslated(name: str, source: str) -> str:
    """A view of the rows of `source` with the original ends."""
    ends = ", ".join(f"{_own(column)} AS {column}" for column in OWN)
    return f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT l.* REPLACE ({ends}) FROM {_joined(source)}"


def beside(source: str) -> str:
    """Rows as they were logged, with the original ends beside (`own_src_hi` …)."""
    ends = ", ".join(f"{_own(column)} AS own_{column}" for column in OWN)
    return f"(SELECT l.*, {ends} FROM {_joined(source)})"
