"""How collecting goes, as a value and as a file that others read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

STATUS = "collect.json"
SCHEMA = "sekisho.collect/1"
_LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class ExporterStatus:
    """One stream of an exporter that has numbers or templates, and its sensors.

    `received` and `lost` count in `unit`, since the first commit of its stream; `flows` of its address
    since the collector began.
    """

    exporter: str
    sensors: tuple[str, ...]
    format: str
    domain: int
    received: int
    lost: int
    late: int
    restarts: int
    unit: str
    templates: int
    flows: int


@dataclass(frozen=True, slots=True)
class SenderStatus:
    """One address of a sensor and what came from it since the collector began.

    `rejected` counts what could not be read: datagrams, sets and messages.
    """

    address: str
    sensors: tuple[str, ...]
    records: int
    flows: int
    unmatched: int
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class ListenerState:
    """One listener since the receiver began; see `sources.listeners.counters`."""

    name: str
    received: int
    bytes: int
    strangers: int
    queue: int
    disk: int
    framing: int
    open: int
    receive_buffer: int
    oversize: int = 0
    errors: int = 0
    accepted: int = 0
    refused: int = 0
    stalled: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class CollectStatus:
    """How it stands. Times are microseconds UTC since 1970.

    Records are datagrams and messages. `lost` are gaps in sequence numbers, `dropped` what the receive
    queues and the disk could not take. `backlog` is what is sealed and does not count yet, `oldest` when
    the first of it was begun. `waiting` sets of records wait for their template. `trouble` is what goes
    wrong at present, one sentence each.
    """

    pid: int
    state: Literal["collecting", "stopping", "stopped"]
    since: int
    at: int
    segments: int = 0
    records: int = 0
    flows: int = 0
    rejected: int = 0
    lost: int = 0
    dropped: int = 0
    damaged: int = 0
    commits: int = 0
    commit_seconds: float = 0.0
    last_commit: int | None = None
    last_record: int | None = None
    backlog: int = 0
    backlog_bytes: int = 0
    oldest: int | None = None
    waiting: int = 0
    merged: int = 0
    receiver_restarts: int = 0
    trouble: tuple[str, ...] = ()
    listeners: tuple[ListenerState, ...] = ()
    exporters: tuple[ExporterStatus, ...] = ()
    senders: tuple[SenderStatus, ...] = ()
    strangers: Mapping[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"schema": SCHEMA, **asdict(self)}


def write_status(folder: Path, status: CollectStatus) -> None:
    """Put it into a folder, whole or not at all. Raises OSError."""
    fresh = folder / f"{STATUS}.part"
    fresh.write_text(json.dumps(status.document()), encoding="utf-8")
    fresh.replace(folder / STATUS)


def read_status(folder: Path) -> CollectStatus | None:
    """The last one that was written; None where none was. Raises ValueError where it is none of ours."""
    try:
        with (folder / STATUS).open("rb") as stream:
            value: dict[str, Any] = json.loads(stream.read(_LARGEST))
    except FileNotFoundError:
        return None
    try:
        if value.pop("schema") != SCHEMA:
            raise ValueError(f"{folder / STATUS} is of another version of this program")
        value["trouble"] = tuple(value["trouble"])
        value["listeners"] = tuple(ListenerState(**one) for one in value["listeners"])
        value["exporters"] = tuple(
            ExporterStatus(**(one | {"sensors": tuple(one["sensors"])})) for one in value["exporters"]
        )
        value["senders"] = tuple(
            SenderStatus(**(one | {"sensors": tuple(one["sensors"])})) for one in value["senders"]
        )
        return CollectStatus(**value)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{folder / STATUS} is no status of a collector: {error}") from error


def running(status: CollectStatus) -> bool:
    """Whether the process that wrote it is still there."""
    if status.state == "stopped":
        return False
    try:
        os.kill(status.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
