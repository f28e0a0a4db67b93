"""A round of the watch: judge what came, keep what is known of it, and put into the outbox what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow.compute as pc

from sekisho.model.verdicts import Severity
from sekisho.state.alerts import AlertStore
from sekisho.store.arrivals import MOST_ROWS, Arrivals, Taken
from sekisho.store.lake import Lake
from sekisho.watch.alerts import Alert, alert_id
from sekisho.watch.base import Observer, Remark
from sekisho.watch.book import Book
from sekisho.watch.describing import Describer
from sekisho.watch.intake import Intake
from sekisho.watch.judging import violations
from sekisho.watch.openers import Openers
from sekisho.watch.people import People
from sekisho.watch.turning import turn


@dataclass(frozen=True, slots=True)
class Judged:
    """One round. `told` are the messages that now wait for their sinks."""

    taken: Taken
    told: tuple[Alert, ...]
    damaged: int


class Rounds:
    """Round after round over one lake; what is remembered between two is in the store.

    `sinks` are those that messages wait for, each with the least severity that is told there.
    """

    def __init__(
        self,
        lake: Lake,
        store: AlertStore,
        sinks: Mapping[str, Severity],
        observers: Sequence[Observer] = (),
        most: int = MOST_ROWS,
    ) -> None:
        self._lake = lake
        self._store = store
        self._sinks = sinks
        self._observers = observers
        self._most = most
        self._openers = Openers()

    def judge(self, describer: Describer, people: People, now: datetime) -> Judged | None:
        """Judge the next files; None where there are none. Killed at any moment, either the round counts
        with all that it tells, or it is judged again."""
        arrivals = self._lake.arrivals(self._store.cursor() or 0, describer.policy.cuts, self._most)
        if arrivals is None:
            return None
        with arrivals:
            remarks = [r for o in self._observers for r in o.observe(arrivals.table, self._lake)]
            told = self._take(arrivals, describer, people, remarks, now)
            return Judged(arrivals.taken, tuple(told), len(arrivals.damage))

    def _take(
        self,
        arrivals: Arrivals,
        describer: Describer,
        people: People,
        remarks: Iterable[Remark],
        now: datetime,
    ) -> list[Alert]:
        found = violations(arrivals.table, describer.policy)
        self._openers.note(arrivals.table)
        with self._store.round() as work:
            book = Book(self._store, work, people, self._sinks, now)
            turned, lost = turn(arrivals, self._store, work)
            book.touch(sorted(lost))
            intake = Intake(arrivals, self._store, work, book, describer, people, self._openers, turned)
            intake.take(found)
            for remark in remarks:
                if alert_id(remark.key) not in self._store.alerts([alert_id(remark.key)]):
                    book.notice(_behaviour(remark, arrivals, now))
            told = book.settle()
            work.move(arrivals.taken.last, now)
        return told

    def begin(self, now: datetime, since: datetime | None = None) -> bool:
        """Let what the lake holds already raise nothing, or only what was taken before `since`.

        False, and nothing is done, where the watch has judged before: it goes on where it was.
        """
        if self._store.cursor() is not None:
            return False
        with self._store.round() as work:
            work.move(self._lake.last_file(since), now)
        return True

    def review(self, people: People, now: datetime, names: Sequence[str] = ()) -> list[Alert]:
        """Look at alerts again without anything new: those that are due, and those named."""
        wanted = sorted({*self._store.due(now), *names})
        if not wanted:
            return []
        with self._store.round() as work:
            book = Book(self._store, work, people, self._sinks, now)
            book.touch(wanted)
            return book.settle()

    def notice(self, alert: Alert, people: People, now: datetime) -> list[Alert]:
        """Tell something that is about no connection."""
        with self._store.round() as work:
            book = Book(self._store, work, people, self._sinks, now)
            book.notice(alert)
            return book.told


def _behaviour(remark: Remark, arrivals: Arrivals, now: datetime) -> Alert:
    member = remark.member
    ended = pc.max(arrivals.table["last"]).as_py() if arrivals.table.num_rows else now
    late = max(timedelta(0), arrivals.taken.at - (member.last_seen if member else ended))
    return Alert(
        id=remark.key,
        revision=1,
        delivery="",
        change="raised",
        at=now,
        status="open",
        kind="behaviour",
        severity=remark.severity,
        title=remark.title,
        text=remark.text,
        first_seen=member.first_seen if member else None,
        last_seen=member.last_seen if member else None,
        raised_at=now,
        flows=member.flows if member else 0,
        connections=1 if member else 0,
        established=int(bool(member and member.established)),
        members=(member,) if member else (),
        late=late.total_seconds(),
        baseline=remark.baseline,
        labels={"kind": "behaviour"} | dict(remark.labels),
    )
