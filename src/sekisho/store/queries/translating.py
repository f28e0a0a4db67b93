"""Addresses that a sensor saw in the place of others, turned back: in roll-ups the originals stand.

Reads `translations` (sensor, realm, hi, lo, low_port, high_port, begin, end, original_hi, original_lo);
times are microseconds. Of one record no two speak.
"""

from __future__ import annotations

_OWN = ("src_hi", "src_lo", "dst_hi", "dst_lo")


def _joined(source: str) -> str:
    def entry(end: str) -> str:
        return (
            f"LEFT JOIN translations {end}_t ON {end}_t.sensor = l.sensor"
            f" AND {end}_t.realm = l.{end}_realm"
            f" AND {end}_t.hi = l.{end}_hi AND {end}_t.lo = l.{end}_lo"
            f" AND l.{end}_port BETWEEN {end}_t.low_port AND {end}_t.high_port"
            f' AND epoch_us(l.start) >= {end}_t."begin" AND epoch_us(l.start) < {end}_t."end"'
        )

    return f"{source} l {entry('src')} {entry('dst')}"


def _own(name: str) -> str:
    end, _, part = name.partition("_")
    return f"coalesce({end}_t.original_{part}, l.{name})"


def untranslated(name: str, source: str) -> str:
    """A view of the rows of `source` with the original ends."""
    ends = ", ".join(f"{_own(column)} AS {column}" for column in _OWN)
    return f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT l.* REPLACE ({ends}) FROM {_joined(source)}"


def beside(source: str) -> str:
    """Rows as they were logged, with the original ends beside (`own_src_hi` …)."""
    ends = ", ".join(f"{_own(column)} AS own_{column}" for column in _OWN)
    return f"(SELECT l.*, {ends} FROM {_joined(source)})"
