"""NDJSON that other tools export: one row, or the rows of one answer, a line.

Each line names its machine and its table, under the usual names or those of `--columns`; an export holds all
rows of a table, so a table that is named at all is whole. `rows: []` says that there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.fleet.collections.base import Collection, machine, object_of, row_of, text_of, time_of
from sekisho.fleet.collections.osquery import named

_NAMES: Mapping[str, tuple[str, ...]] = {
    "hostname": (
        "hostname",
        "host.name",
        "computername",
        "devicename",
        "agent_hostname",
        "host",
        "fqdn",
    ),
    "uuid": ("host_uuid", "hardware_uuid", "host.uuid", "machine_uuid", "uuid"),
    "table": ("table", "query", "query_name", "check", "artifact", "dataset"),
    "time": ("@timestamp", "timestamp", "time", "collected", "unixtime"),
    "failure": ("error", "failure"),
}


def read(
    lines: Iterable[tuple[int, bytes]], names: Iterable[str], columns: Mapping[str, str]
) -> Collection:
    """Machines of an export; `columns` names the keys of `hostname`, `uuid` and `table` where they differ."""
    found = Collection()
    known = sorted(names, key=len, reverse=True)
    others = 0
    for number, line in lines:
        try:
            record = object_of(line)
            who = machine(_value(record, "hostname", columns), _value(record, "uuid", columns))
            table = named(_value(record, "table", columns), known)
            if table is None:
                others += 1
                continue
            gathered = found.table(who, table)
            if (at := time_of(_value(record, "time", columns))) is not None:
                gathered.collected = max(at, gathered.collected or at)
            if failure := _value(record, "failure", columns):
                gathered.failure = failure[:500]
                continue
            try:
                for row in _rows(record):
                    gathered.add(row_of(row))
            except ValueError:
                # What lacks a row must not be found clean.
                gathered.whole, gathered.why = False, "a part of it could not be read"
                raise
        except ValueError as error:
            found.leave(number, str(error))
    if others:
        found.notes.append(f"{others} lines of tables that no check reads")
    return found


def _rows(record: Mapping[str, Any]) -> Iterable[Any]:
    for key in ("rows", "results", "snapshot"):
        if isinstance(rows := record.get(key), list):
            return rows
    for key in ("columns", "row", "data"):
        if isinstance(row := record.get(key), Mapping):
            return (row,)
    return (record,)


def _value(record: Mapping[str, Any], field: str, columns: Mapping[str, str]) -> str:
    for path in (columns[field],) if field in columns else _NAMES[field]:
        value: Any = next((v for k, v in record.items() if str(k).casefold() == path.casefold()), None)
        if value is None and "." in path:
            value = record
            for step in path.split("."):
                value = value.get(step) if isinstance(value, Mapping) else None
        if text := text_of(value):
            return text
    return ""
