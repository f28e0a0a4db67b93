"""What people decided, as the watch needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sekisho.audit.life import lives
from sekisho.model.findings import Life
from sekisho.state.records import AlertAnswer, Event, Maintenance
from sekisho.watch.muting import Window
from sekisho.watch.standing import Answer

EXCUSED = ("accepted", "false_positive")
"""Findings with such a life raise no alert."""


@dataclass(frozen=True, slots=True)
class People:
    """Lives of findings, the last answer to each alert (None where it was taken back), and maintenance."""

    lives: Mapping[str, Life] = field(default_factory=dict)
    answers: Mapping[str, Answer | None] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()

    def excused(self, finding: str) -> bool:
        """Whether somebody accepted a connection, or called it right."""
        life = self.lives.get(finding)
        return life is not None and life.status in EXCUSED


class Decided(Protocol):
    """Where decisions are kept."""

    def events(self) -> tuple[Event, ...]:
        """Decisions about findings."""

    def answers(self) -> tuple[AlertAnswer, ...]:
        """Answers to alerts."""

    def maintenance(self) -> tuple[Maintenance, ...]:
        """Maintenance windows."""


def people(decided: Decided, now: datetime) -> People:
    """All that was decided, as it holds at `now` (aware UTC)."""
    return People(
        lives(decided.events(), now),
        answers(decided.answers()),
        tuple(window(one) for one in decided.maintenance() if one.end > one.begin),
    )


def answers(given: Iterable[AlertAnswer]) -> dict[str, Answer | None]:
    """The last answer to each alert. `given` is in the order of the ledger."""
    found: dict[str, Answer | None] = {}
    for one in given:
        found[one.alert] = (
            None if one.action == "reopen" else Answer(one.seq, one.action, one.by, one.why, one.until)
        )
    return found


def window(kept: Maintenance) -> Window:
    """A maintenance window as it is matched."""
    links = []
    for text in kept.scope.get("links", ()):
        a, _, b = text.partition("<->")
        links.append((a.strip(), b.strip()))
    return Window(
        kept.name,
        kept.begin,
        kept.end,
        kept.by,
        kept.why,
        sites=tuple(kept.scope.get("sites", ())),
        links=tuple(links),
        hosts=tuple(kept.scope.get("hosts", ())),
        rules=tuple(kept.scope.get("rules", ())),
    )
