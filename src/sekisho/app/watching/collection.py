"""What the collector says of itself, for whoever monitors the watch."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta

from sekisho.app.collect import collect_status
from sekisho.app.collecting.status import CollectStatus
from sekisho.app.logging import logger
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.sources.forwarding.told import refused, states
from sekisho.watch.metrics import Centre, Collection, Received

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def collection(workspace: Workspace) -> Collection | None:
    """As the collector of a workspace stands or stood; None where there never was one, or its file says
    nothing that can be read."""
    try:
        status = collect_status(workspace)
    except (RequestError, OSError) as error:
        logger().warning("no state of the collector", reason=str(error))
        return None
    return None if status is None else of_status(status)


def of_status(status: CollectStatus) -> Collection:
    """Its numbers by sensor and by listener. Exporters that several sensors share are named by all."""
    received: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for one in status.exporters:
        name = ",".join(one.sensors)
        received[name] += one.received
        lost[name] += max(0, one.lost)
    last = status.last_commit
    return Collection(
        running=status.state != "stopped",
        sensors={name: Received(number, lost[name]) for name, number in received.items()},
        dropped={one.name: one.queue + one.disk for one in status.listeners},
        strangers={one.name: one.strangers for one in status.listeners},
        backlog=status.backlog,
        committed_at=None if last is None else _EPOCH + timedelta(microseconds=last),
    )


def centre(workspace: Workspace) -> Centre | None:
    """What sites forward here; None where none ever did, or what is known of it cannot be read."""
    if not workspace.received.is_dir():
        return None
    try:
        found, often = states(workspace.received), refused(workspace.received)
    except sqlite3.DatabaseError as error:
        logger().warning("no state of the centre", reason=str(error))
        return None
    return Centre(
        pending={one.name: one.pending for one in found},
        foreign={one.name: sum(one.foreign.values()) for one in found},
        too_often={**{one.name: 0 for one in found}, **often},
    )
