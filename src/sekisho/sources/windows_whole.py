"""Windows events with all that they say, as rules of detection ask for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from typing import Any

import pyarrow as pa

from sekisho.model.events import COLUMNS, MOST_VALUES, OWN, SOURCE_EVENTS, VALUE_LIMIT
from sekisho.sources.base import Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.windows_records import WindowsEvent, event_of
from sekisho.sources.zeek_rows import encodable

_MOST_NAME = 200
_ASIDE = frozenset({"#attributes", "xmlns"})
_SYSTEM = ("Level", "Task", "Opcode", "Keywords")
"""What the log service adds and rules ask for."""
_FLAT = frozenset(
    {
        *("EventID", "Hostname", "Computer", "ComputerName", "MachineName", "Channel", "LogName"),
        *("SourceName", "ProviderName", "Provider", "RecordNumber", "EventRecordID", "RecordId"),
        *("TimeCreated", "SystemTime", "EventTime", "@timestamp", "@version"),
    }
)


class EventRows:
    """Gathers events into tables of SOURCE_EVENTS."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in SOURCE_EVENTS.names}
        self.count = 0
        self.cut = 0
        """Events of which a value, or the number of values, was too large."""

    def add(
        self,
        row: int,
        record: Mapping[str, Any],
        local: tzinfo = UTC,
        event: WindowsEvent | None = None,
    ) -> None:
        """One event in any of its JSON forms; `event` where it was looked at before. Raises ValueError that
        says what is wrong with it."""
        event = event_of(record, local) if event is None else event
        values, cut = _values(record)
        columns = self._columns
        columns["host"].append(event.host)
        columns["channel"].append(event.channel)
        columns["provider"].append(event.provider)
        columns["event_id"].append(event.event)
        columns["record"].append(event.record)
        columns["time"].append(event.time)
        columns["row"].append(row)
        columns["cut"].append(cut)
        for name in OWN:
            columns[COLUMNS[name]].append(values.pop(name, None))
        columns["more"].append(list(values.items()))
        self.count += 1
        self.cut += cut

    def table(self) -> pa.Table:
        """What was gathered since the last time."""
        arrays = [
            pa.array(self._columns[f.name], pa.int64()).cast(f.type)
            if pa.types.is_timestamp(f.type)
            else pa.array(self._columns[f.name], f.type)
            for f in SOURCE_EVENTS
        ]
        self._columns = {name: [] for name in SOURCE_EVENTS.names}
        self.count = 0
        return pa.table(arrays, schema=SOURCE_EVENTS)


class WholeEvents:
    """Whole events of a piece, where they are asked for: those of rows after `after`; None for none."""

    def __init__(self, after: int | None) -> None:
        self._after = after
        self._rows = EventRows()
        self._unread: list[Reject] = []

    def add(self, row: int, record: Mapping[str, Any], event: WindowsEvent) -> None:
        """An event, as it stands and as it was looked at."""
        if self._after is None or row <= self._after:
            return
        try:
            self._rows.add(row, record, event=event)
        except (ValueError, RecursionError) as error:
            self._unread.append(Reject(row, str(error)[:200]))

    def miss(self, reject: Reject) -> Reject:
        """A record that is none; it is given back."""
        if self._after is not None and reject.row > self._after:
            self._unread.append(reject)
        return reject

    def finish(self, piece: Piece) -> None:
        """Add what was gathered since the last time to a piece."""
        if self._rows.count:
            piece.events.append(self._rows.table())
        piece.cut += self._rows.cut
        piece.unread += self._unread
        self._rows.cut, self._unread = 0, []


def _values(record: Mapping[str, Any]) -> tuple[dict[str, str], bool]:
    found: dict[str, str] = {}
    cut = False
    for name, value in _named(record):
        text = _text(value)
        if text is None:
            continue
        if len(found) >= MOST_VALUES:
            return found, True
        if len(text) > VALUE_LIMIT:
            text, cut = text[:VALUE_LIMIT], True
        found[encodable(name[:_MOST_NAME]) or ""] = encodable(text) or ""
    return found, cut


def _named(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values, those of the event after those of the log service: the last one counts."""
    event = record.get("Event")
    if isinstance(event, Mapping) and isinstance(event.get("System"), Mapping):
        yield from ((name, event["System"].get(name)) for name in _SYSTEM)
        data = event.get("EventData")
        if isinstance(data, Mapping) and data.keys() - _ASIDE:
            yield from _plain(data)
        else:
            # What services say in their own way: UserData holds one element with its own name.
            user = event.get("UserData")
            for inner in user.values() if isinstance(user, Mapping) else ():
                yield from _plain(inner)
        return
    winlog = record.get("winlog")
    if isinstance(winlog, Mapping) and "event_id" in winlog:
        for part in ("user_data", "event_data"):
            yield from _plain(winlog.get(part))
        return
    yield from ((name, value) for name, value in record.items() if name not in _FLAT)


def _plain(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping):
        yield from ((str(name), value) for name, value in data.items() if name not in _ASIDE)


def _text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list():
            return "\n".join(text for one in value if (text := _text(one)) is not None)
        case Mapping():
            if "#text" in value:
                return _text(value["#text"])
            if not value.keys() - _ASIDE:
                return None
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
