"""Windows event logs, as KAPE and others copy them: what was cleared, and which records are missing.

A log without any record says nothing about its machine. The computer's name is the one in the records; a file
that holds several machines' (forwarded events) is several machines'.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import BinaryIO

from sekisho.fleet.collections.base import Collection, machine
from sekisho.fleet.collections.keeping import Keep
from sekisho.sources.readers.windows_evtx import MAGIC, records_of
from sekisho.sources.record_gaps import RecordGaps
from sekisho.sources.times import datetime_of
from sekisho.sources.windows_chunks import CHUNK, FILE_HEADER, HIDES, open_up
from sekisho.sources.windows_records import WindowsEvent, event_of

TABLE = "security_log"
"""What the Security log says of itself; the same of other channels is in `other_logs`."""
OTHERS = "other_logs"
CLEARED = {("security", 1102), ("system", 104)}
_MOST_MACHINES = 1000
_BLOCK = 1 << 20


def is_evtx(head: bytes) -> bool:
    """Whether a file is an event log."""
    return head.startswith(MAGIC)


def read(copy: BinaryIO, keep: Keep | None = None) -> Collection:
    """Machines of an event log, of which `copy` is a seekable copy of our own: its headers are mended. `keep`
    gets every event."""
    found = Collection()
    if keep is not None:
        keep.content(_sha256(copy))
    told = open_up(copy)
    found.notes += told
    over = copy.seek(0, io.SEEK_END) - FILE_HEADER
    copy.seek(0)
    gaps = RecordGaps()
    row = 0
    for row, event in _events(copy, found, keep):
        try:
            who = machine(event.host)
        except ValueError as error:
            found.leave(row, str(error))
            continue
        if who.id not in found.machines and len(found.machines) >= _MOST_MACHINES:
            found.leave(row, f"is of a further machine than the first {_MOST_MACHINES}")
            continue
        channel = event.channel.casefold()
        table = found.table(who, TABLE if channel == "security" else OTHERS)
        at = datetime_of(event.time)
        if table.collected is None or at > table.collected:
            table.collected = at
        if (channel, event.event) in CLEARED:
            name = event.data.get("SubjectUserName", "")
            # Event 104 stands in System, and says which log it is about.
            log = event.data.get("Channel", "") if event.event == 104 else ""
            which = log or event.channel
            table.add({"what": "cleared", "channel": which, "time": at.isoformat(), "user": name})
        for gap in gaps.after(row, event):
            _missing(found, gap.event, gap.text)
    if not row:
        found.notes.append("holds no record: it says nothing about any machine")
    for gap in gaps.rest():
        _missing(found, gap.event, gap.text)
    if over > 0 and over % CHUNK:
        found.leave(0, "is cut off within a chunk")
    _blemished(found, [text for text in told if HIDES in text])
    return found


def _sha256(copy: BinaryIO) -> str:
    found = hashlib.sha256()
    copy.seek(0)
    while block := copy.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def _blemished(found: Collection, hidden: Sequence[str]) -> None:
    """What is wrong with the file itself is wrong with each log that it holds: none is clean by it."""
    for _, tables in found.machines.values():
        for table in tables.values():
            for text in hidden:
                table.add({"what": "hidden", "text": text})
            if found.aside_count:
                part = f"{found.aside_count:,} parts of the log could not be read"
                table.whole, table.why = False, f"{part}: {found.aside[0].why[:200]}"


def _missing(found: Collection, event: WindowsEvent, text: str) -> None:
    table = TABLE if event.channel.casefold() == "security" else OTHERS
    found.table(machine(event.host), table).add(
        {"what": "missing", "channel": event.channel, "text": text}
    )


def _events(copy: BinaryIO, found: Collection, keep: Keep | None) -> Iterator[tuple[int, WindowsEvent]]:
    for row, record in enumerate(records_of(copy), 1):
        if isinstance(record, str):
            _leave(found, keep, row, record)
            continue
        try:
            value = json.loads(record["data"])
            if not isinstance(value, dict):
                raise ValueError("the record is not what a record looks like")
            event = event_of(value, UTC)
        except (ValueError, RecursionError) as error:
            _leave(found, keep, row, str(error)[:200])
            continue
        if keep is not None:
            keep.add(row, value)
        yield row, event


def _leave(found: Collection, keep: Keep | None, row: int, why: str) -> None:
    found.leave(row, why)
    if keep is not None:
        keep.miss(row, why)
