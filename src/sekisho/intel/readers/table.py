"""A table with a head, separated by commas: the register says which column holds the value."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from sekisho.intel.base import LARGEST_LINES, Aside, Columns, FeedError, Given, Item
from sekisho.intel.lines import lines
from sekisho.intel.values import confidence_of, time_of, words
from sekisho.model.indicators import IndicatorKind

VALUES = ("value", "indicator", "ioc", "ioc_value", "ip", "address", "domain", "url", "hash")
"""Columns that hold the value where none is named, the first that there is."""


class Table:
    """Reads tables."""

    largest = LARGEST_LINES

    def read(self, path: Path, columns: Columns) -> Iterator[Item]:
        """A value of each row. Raises FeedError where the column is not there."""
        rows = csv.reader(line for line in lines(path) if line.strip() and not line.startswith("#"))
        try:
            head = [name.strip().lower() for name in next(rows, [])]
            wanted = [columns.value.lower()] if columns.value else list(VALUES)
            name = next((one for one in wanted if one in head), None)
            if name is None:
                raise FeedError(
                    f"the table has no column {' or '.join(wanted)}",
                    f"name it with `value:`; there are {', '.join(head)[:200] or 'none'}",
                )
            for cells in rows:
                yield _item(dict(zip(head, cells, strict=False)), name, columns)
        except csv.Error as error:
            raise FeedError(f"it is no table: {error}") from None


def _item(row: dict[str, str], name: str, columns: Columns) -> Item:
    kind = columns.all_are
    if columns.kind:
        said = row.get(columns.kind.lower(), "").strip().lower()
        if said not in set(IndicatorKind):
            return Aside("not_usable", f"{said[:60]}: {row.get(name, '')[:100]}")
        kind = IndicatorKind(said)
    return Given(
        row.get(name, ""),
        kind,
        valid_from=time_of(row.get("valid_from")),
        valid_until=time_of(row.get("valid_until")),
        seen=time_of(row.get("last_seen")),
        confidence=confidence_of(row.get("confidence")),
        says=words(row.get(columns.says.lower() or "description")),
    )
