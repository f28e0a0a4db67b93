"""Addresses that a sensor saw in the place of others, turned back: in roll-ups the originals stand.

Reads `translations` (sensor, realm, hi, lo, low_port, high_port, begin, end, original_hi, original_lo);
times are microseconds. Of one record no two speak. What gateways logged stands in `resolved` (file, row,
own ends): it speaks of an end where no entry does.
"""

from __future__ import annotations

from sekisho.store.queries.names import SLACK

OWN = ("src_hi", "src_lo", "src_port", "dst_hi", "dst_lo", "dst_port")
"""Columns that are of the ends that are meant, once turned back."""
_PARTS = ("realm", "hi", "lo", "port")


def resolved(rows: str) -> str:
    """Table `resolved`: whom each of `rows` is of by what gateways logged (`logged`: ends as they are seen,
    `own_*`, realms, protocol, begin and end in microseconds), where that is one connection alone.

    By both seen ends with their ports and the time: an address many share is never enough by itself.
    """

    def matched(here: tuple[str, str], there: tuple[str, str]) -> str:
        ends = zip(here, there, strict=True)
        same = " AND ".join(f"l.{a}_{part} = g.{b}_{part}" for a, b in ends for part in _PARTS)
        own = ", ".join(
            f"g.own_{b}_{part} AS {a}_{part}"
            for a, b in zip(here, there, strict=True)
            for part in _PARTS[1:]
        )
        return (
            f"SELECT l.file, l.row, {own} FROM {rows} l JOIN logged g ON {same} AND l.protocol = g.protocol"
            f' AND epoch_us(l.start) BETWEEN g."begin" - {SLACK} AND g."end" + {SLACK}'
        )

    forward = matched(("src", "dst"), ("src", "dst"))
    turned = matched(("src", "dst"), ("dst", "src"))
    ends = ", ".join(OWN)
    return f"""
    CREATE OR REPLACE TEMP TABLE resolved AS
    SELECT file, row, {", ".join(f"any_value({name}) AS {name}" for name in OWN)}
    FROM (SELECT DISTINCT file, row, {ends} FROM ({forward} UNION ALL {turned}))
    GROUP BY file, row HAVING count(*) = 1
    """


NONE_RESOLVED = (
    "CREATE OR REPLACE TEMP TABLE resolved AS SELECT 0::INTEGER AS file, 0::BIGINT AS row, "
    + ", ".join(f"0::{'INTEGER' if name.endswith('port') else 'BIGINT'} AS {name}" for name in OWN)
    + " WHERE FALSE"
)


def _joined(source: str) -> str:
    def entry(end: str) -> str:
        return (
            f"LEFT JOIN translations {end}_t ON {end}_t.sensor = l.sensor"
            f" AND {end}_t.realm = l.{end}_realm"
            f" AND {end}_t.hi = l.{end}_hi AND {end}_t.lo = l.{end}_lo"
            f" AND l.{end}_port BETWEEN {end}_t.low_port AND {end}_t.high_port"
            f' AND epoch_us(l.start) >= {end}_t."begin" AND epoch_us(l.start) < {end}_t."end"'
        )

    said = "LEFT JOIN resolved r ON r.file = l.file AND r.row = l.row"
    return f"{source} l {entry('src')} {entry('dst')} {said}"


def _own(name: str) -> str:
    end, _, part = name.partition("_")
    given = f"l.{name}" if part == "port" else f"{end}_t.original_{part}"
    return f"CASE WHEN {end}_t.sensor IS NULL THEN coalesce(r.{name}, l.{name}) ELSE {given} END"


def untranslated(name: str, source: str) -> str:
    """A view of the rows of `source` with the original ends."""
    ends = ", ".join(f"{_own(column)} AS {column}" for column in OWN)
    return f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT l.* REPLACE ({ends}) FROM {_joined(source)}"


def beside(source: str) -> str:
    """Rows as they were logged, with the original ends beside (`own_src_hi` …)."""
    ends = ", ".join(f"{_own(column)} AS own_{column}" for column in OWN)
    return f"(SELECT l.*, {ends} FROM {_joined(source)})"
