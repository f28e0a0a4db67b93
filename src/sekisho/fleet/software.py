"""What is installed on a machine, by the tables that say so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sekisho.fleet.collections.base import Gathered, Row
from sekisho.model.terminals import Program

MOST = 20_000
"""Programs of one machine that are kept."""
LONGEST = 200
_VERSION = ("version", "displayversion")
_PUBLISHER = ("publisher", "vendor")


def software_of(tables: Mapping[str, Gathered]) -> dict[str, tuple[Program, ...]]:
    """By table, what is installed; of a table that lacks rows nothing, since it would stand for the whole."""
    found: dict[str, tuple[Program, ...]] = {}
    for name, read in (("programs", _programs), ("os_version", _systems)):
        table = tables.get(name)
        if table is not None and table.whole and not table.failure and table.rows:
            found[name] = tuple(sorted(set(read(table.rows))))[:MOST]
    return found


def _programs(rows: Iterable[Row]) -> Iterator[Program]:
    for row in rows:
        if name := _text(row.get("name", "")):
            yield Program(name, _first(row, _VERSION), _first(row, _PUBLISHER))


def _systems(rows: Iterable[Row]) -> Iterator[Program]:
    for row in rows:
        if name := _text(row.get("name", "")):
            version = _first(row, ("version",)) or _first(row, ("build",))
            yield Program(name, version, "Microsoft" if "windows" in name.lower() else "")


def _first(row: Row, names: Iterable[str]) -> str:
    return next((text for name in names if (text := _text(row.get(name, "")))), "")


def _text(value: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:LONGEST]
