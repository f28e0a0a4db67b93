"""What a receiver says of itself: a small file beside the journal, replaced about once a second."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from sekisho.sources.listeners.counters import Counters

STATUS = "status.json"
_LARGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class ListenerStatus:
    """One listener: its name, what it has counted since the receiver began, its strangers by address
    (`others` beyond those that are told apart), and the receive buffer it got, 0 on streams."""

    name: str
    counters: Counters
    receive_buffer: int = 0
    strangers: dict[str, int] = field(default_factory=dict)
    others: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """A receiver at one time. `at` and `since` are microseconds UTC; `trouble` is why nothing is written
    at present. `written` records are in `segments` sealed ones; `torn` bytes and `set_aside` files were
    left by an earlier process that was killed; `left` records could not be written at the end."""

    pid: int
    state: Literal["receiving", "stopped"]
    since: int
    at: int
    listeners: tuple[ListenerStatus, ...]
    written: int = 0
    segments: int = 0
    left: int = 0
    torn: int = 0
    set_aside: int = 0
    trouble: str = ""


def write_status(folder: Path, status: Status) -> None:
    """Put it beside the journal, whole or not at all. Raises OSError."""
    fresh = folder / f"{STATUS}.new"
    fresh.write_text(json.dumps({"schema": "sekisho.receiver/1", **asdict(status)}))
    fresh.replace(folder / STATUS)


def read_status(folder: Path) -> Status | None:
    """The last one; None where there is none. Raises ValueError where it is none of ours, OSError."""
    try:
        with (folder / STATUS).open("rb") as stream:
            value: dict[str, Any] = json.loads(stream.read(_LARGEST))
    except FileNotFoundError:
        return None
    try:
        del value["schema"]
        value["listeners"] = tuple(
            ListenerStatus(**(one | {"counters": Counters(**one["counters"])}))
            for one in value["listeners"]
        )
        return Status(**value)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{folder / STATUS} is no status of a receiver: {error}") from error
