"""Settings in the registry: rows of osquery's `registry`, with `path` (the value's name last) and `data`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sekisho.fleet.collections.base import Row


def values(rows: Sequence[Row], ending: str) -> Iterator[tuple[str, str]]:
    """Path and data of values whose path ends so, whatever the case."""
    wanted = ending.casefold()
    for row in rows:
        path = row.get("path") or f"{row.get('key', '')}\\{row.get('name', '')}"
        if path.casefold().endswith(wanted):
            yield path, row.get("data", "").strip()


def asking(paths: Iterable[str]) -> str:
    """osquery's question for these values, or keys; the paths are our own."""
    listed = ", ".join(f"'{path}'" for path in paths)
    return " ".join(("SELECT path, data FROM registry", f"WHERE path IN ({listed})"))
