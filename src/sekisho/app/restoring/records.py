"""Restorations as they were planned, with what was decided about each since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.errors import RequestError
from sekisho.state.restorations import RestorationStore
from sekisho.state.restore_records import RestoreActionKind, RestoreEvent


@dataclass(frozen=True, slots=True)
class Restoration:
    """`plans` are those in force when it was planned, `stages` the words of what each gives back;
    `replaced_by` is the restoration that was planned in its place, None while it stands."""

    id: str
    at: datetime
    by: str
    plans: tuple[str, ...]
    stages: tuple[tuple[str, ...], ...]
    reason: str
    events: tuple[RestoreEvent, ...]
    replaced_by: str | None = None

    def said(self, action: RestoreActionKind, stage: int) -> tuple[RestoreEvent, ...]:
        """What was decided of one kind about a stage, in order."""
        return tuple(
            one for one in self.events if one.action == action and one.body.get("stage") == stage
        )

    def instead(self, stage: int, origin: str) -> str | None:
        """The plan with less that was drafted for a stage, the latest."""
        drafted = [one for one in self.said("draft", stage) if one.body["plan"] == origin]
        return str(drafted[-1].body["instead"]) if drafted else None


def restorations(store: RestorationStore) -> tuple[Restoration, ...]:
    """Every restoration, in the order in which they were planned."""
    return tuple(_grouped(store.events()))


def asked_for(store: RestorationStore, asked: str) -> Restoration:
    """The restoration of that id (`R-1`, `1`). Raises RequestError."""
    wanted = asked.upper() if asked.upper().startswith("R-") else f"R-{asked}"
    found = restorations(store)
    for one in found:
        if one.id == wanted:
            return one
    some = ", ".join(one.id for one in found[-5:])
    raise RequestError(
        f"there is no restoration {asked[:40]}",
        f"the latest are {some}" if some else "none was planned: `sekisho restore plan P-1`",
    )


def _grouped(events: Iterable[RestoreEvent]) -> Iterable[Restoration]:
    by_id: dict[str, list[RestoreEvent]] = {}
    for event in events:
        by_id.setdefault(event.restoration, []).append(event)
    replaced = {
        str(old): name for name, found in by_id.items() for old in found[0].body.get("replaces", ())
    }
    for name, found in by_id.items():
        yield _restoration(name, found, replaced.get(name))


def _restoration(name: str, events: Sequence[RestoreEvent], replaced_by: str | None) -> Restoration:
    first = events[0]
    return Restoration(
        name,
        first.at,
        first.by,
        tuple(first.body["plans"]),
        tuple(tuple(words) for words in first.body["stages"]),
        first.body.get("reason", ""),
        tuple(events),
        replaced_by,
    )
