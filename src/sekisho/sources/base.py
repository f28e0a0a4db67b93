"""What a reader takes and gives. Readers of every format look alike from outside.

A reader never raises for what is in the input: a line it cannot use is a `Reject` value with its place
and its reason. It raises RequestError for a wrong mapping only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Protocol

import pyarrow as pa

from sekisho.model.flows import SOURCE_SCHEMA

TEXT_LIMIT = 512
"""Bytes of a rejected line that are kept."""

RawMapping = Mapping[str, Any]
"""A mapping file as loaded; `sekisho.sources.mapping.check` says whether it is right."""

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Reject:
    """A line or record that could not be used. `row` counts from 1; `text` holds at most 512 bytes."""

    row: int
    reason: str
    text: bytes = b""

    @classmethod
    def of(cls, row: int, reason: str, text: bytes) -> Reject:
        """The reject of a whole line, cut to what is kept."""
        return cls(row, reason, bytes(text[:TEXT_LIMIT]))


@dataclass(frozen=True, slots=True)
class Batch:
    """A piece of what a reader found; the last one of a file may have no flows.

    `flows` is a table in SOURCE_SCHEMA, `names` one in SOURCE_NAMES, `logons` one in
    SOURCE_LOGONS. `last_row` is the last line or record consumed so far. `spans` are times (aware UTC) in
    which the sensor was shown to be alive; that it gave names or logons shows nothing of flows. `ignored`
    counts lines that give none of them and are no errors: headers, comments, summaries,
    other messages, blank lines. `fields` holds the raw columns that were asked for, as text, one row a flow;
    `name_fields` and `logon_fields` the same, one row a name or a logon. `events` are whole events of
    terminals' logs, SOURCE_EVENTS, `cut` how many of them are shortened, and `unread` the rejects that stand
    for events that were not read; all three are there only where the context asks.
    """

    flows: pa.Table
    rejects: tuple[Reject, ...] = ()
    last_row: int = 0
    spans: tuple[Span, ...] = ()
    ignored: int = 0
    notes: tuple[str, ...] = ()
    fields: pa.Table | None = None
    names: pa.Table | None = None
    name_fields: pa.Table | None = None
    logons: pa.Table | None = None
    logon_fields: pa.Table | None = None
    events: pa.Table | None = None
    cut: int = 0
    unread: tuple[Reject, ...] = ()


def _no_files() -> Iterator[BinaryIO]:
    return iter(())


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a reader must know about its sensor.

    `timezone` (IANA) is for logs that carry none. `sampling` N means that the sensor looks at one packet
    in N. `now` is the time of reading, aware UTC. Rows before `first_row` were taken earlier: the reader
    goes past them (headers still apply) and gives none. `fields` are raw columns to give beside the
    flows. `mapping` is a mapping file as loaded. `memory` is what readers keep of the sensor's earlier
    files of the same run, each under a name of its own; `later` opens the content of those that come.
    `events` asks for whole events after that row; None for none.
    """

    timezone: str
    sampling: int
    now: datetime
    first_row: int = 1
    mapping: RawMapping | None = None
    fields: frozenset[str] = frozenset()
    memory: dict[str, object] = field(default_factory=dict)
    later: Callable[[], Iterator[BinaryIO]] = _no_files
    events: int | None = None


class Reader(Protocol):
    """One format."""

    name: str
    family: str
    """The kind of sensor that writes it: `zeek`, `netflow`, `generic` …"""
    one_way: bool
    """Whether a record holds one direction only, so that conversations must be paired."""

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """How sure it is, 0 to 100, that content beginning with `head` is of this format."""
        ...

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """Read decompressed content. Every row from `first_row` on is a flow, gives names or logons, is a
        reject or ignored."""
        ...


def no_flows() -> pa.Table:
    """A table of flows without rows."""
    return SOURCE_SCHEMA.empty_table()
