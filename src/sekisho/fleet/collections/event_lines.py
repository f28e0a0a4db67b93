"""Windows events as JSON, one a line, as shippers send them: see `sources.windows_records` for the forms."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from sekisho.fleet.collections.base import Collection, machine, object_of
from sekisho.fleet.collections.keeping import Keep
from sekisho.sources.windows_records import event_of, is_event


def is_events(head: bytes) -> bool:
    """Whether the first line is an event. One that is longer than what is there is none."""
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")[0]
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and is_event(found)


def read(lines: Iterable[tuple[int, bytes]], keep: Keep | None = None) -> Collection:
    """Machines of a file of events. `keep` gets every event; no table comes of them."""
    found = Collection()
    for row, line in lines:
        try:
            record = object_of(line)
            if not is_event(record):
                raise ValueError("is no Windows event")
            who = machine(event_of(record, UTC).host)
        except ValueError as error:
            found.leave(row, str(error)[:200])
            if keep is not None:
                keep.miss(row, str(error))
            continue
        found.machines.setdefault(who.id, (who, {}))
        if keep is not None:
            keep.add(row, record)
    return found
