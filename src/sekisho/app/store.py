"""The lake's own figures, its integrity, and what was set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.app.decisions import open_decisions
from sekisho.app.wiring import open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.findings import rfc3339
from sekisho.store.compaction import Compacted
from sekisho.store.listing import Stats
from sekisho.store.pruning import Pruned
from sekisho.store.snapshot import Damage

Step = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class Reject:
    """One line that could not be read, or a whole file (`row` None). `text` is as it stood."""

    path: str
    sensor: str
    row: int | None
    reason: str
    text: bytes


def stats(workspace: Workspace) -> Stats:
    """Files, rows, days and bytes. Raises RequestError where there is no lake yet."""
    with open_lake(workspace, create=False) as lake:
        return lake.stats()


def verify(workspace: Workspace, step: Step | None = None) -> Sequence[Damage]:
    """What of the lake is not what was written; it is set aside from now on."""
    with open_lake(workspace, create=False) as lake:
        return lake.verify(step)


def compact(workspace: Workspace, step: Step | None = None) -> Compacted:
    """Put the raw flows of each day into one file. Raises RequestError where another process writes."""
    with open_lake(workspace, create=False) as lake:
        return lake.compact(step)


def prune(workspace: Workspace, before: datetime, *, dry: bool, now: datetime, by: str) -> Pruned:
    """Give up the raw flows, names, logons and events of days that lie wholly before a time (aware UTC),
    roll-ups stay; `dry` says only what would go.

    It stands in the ledger before anything goes. Raises RequestError, also where the time is not past.
    """
    if before > now:
        raise RequestError(f"{rfc3339(before)} lies ahead of now", "name a time that is past: 400d")
    with open_lake(workspace, create=False) as lake:
        lake.refresh(traits_of(read_inventory(workspace)))
        found = lake.prunable(before)
        if dry or not (found.days or found.names or found.logons or found.events):
            return found
        with open_decisions(workspace) as decisions, decisions.exclusive():
            body = {
                "before": rfc3339(before),
                "days": len(found.days),
                "rows": found.rows,
                "names": found.names,
                "logons": found.logons,
                "events": found.events,
                "held": len(found.held),
            }
            decisions.decide("store.prune", body, at=now, by=by)
        return lake.prune(before)


def rejects(workspace: Workspace, limit: int) -> Sequence[Reject]:
    """Files that could not be read, then lines, at most `limit` of each."""
    with open_lake(workspace, create=False) as lake:
        aside = [row for row in lake.files().to_pylist() if row["status"] == "set_aside"]
        lines = lake.rejects(limit).to_pylist()
    whole = [Reject(row["path"], row["sensor"], None, row["reason"], b"") for row in aside[:limit]]
    return whole + [
        Reject(row["path"], row["sensor"], row["row"], row["reason"], row["text"]) for row in lines
    ]
