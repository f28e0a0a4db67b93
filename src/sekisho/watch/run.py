"""A round of the watch: judge what came, keep what is known of it, and put into the outbox what is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from sekisho.audit.evidence import KEYS
from sekisho.model.verdicts import Severity
from sekisho.state.alerts import AlertStore
from sekisho.store.arrivals import ENDS, MOST_ROWS, Arrivals, Taken
from sekisho.store.lake import Lake
from sekisho.store.shapes import CONNECTIONS
from sekisho.watch.alerts import Alert
from sekisho.watch.base import Observer
from sekisho.watch.book import Book
from sekisho.watch.connections import Key
from sekisho.watch.describing import Describer
from sekisho.watch.intake import Intake
from sekisho.watch.judging import violations
from sekisho.watch.observing import alerts, unsaid
from sekisho.watch.openers import Openers
from sekisho.watch.people import People
from sekisho.watch.turning import turn, unsure


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
        with all that its verdicts tell, or it is judged again; what observers would have remarked on it
        may be lost."""
        arrivals = self._lake.arrivals(self._store.cursor() or 0, describer.policy.cuts, self._most)
        if arrivals is None:
            return None
        with arrivals:
            told = self._take(arrivals, describer, people, now)
            told += self._observe(arrivals, people, now)
            return Judged(arrivals.taken, tuple(told), len(arrivals.damage))

    def _take(
        self,
        arrivals: Arrivals,
        describer: Describer,
        people: People,
        now: datetime,
    ) -> list[Alert]:
        doubtful = unsure(self._store, arrivals)
        self._confine(arrivals, describer, doubtful.known)
        found = violations(arrivals.table, describer.policy)
        self._openers.note(arrivals.table)
        with self._store.round() as work:
            book = Book(self._store, work, people, self._sinks, now)
            turned, lost = turn(arrivals, doubtful, work)
            book.touch(sorted(lost))
            intake = Intake(arrivals, self._store, work, book, describer, people, self._openers, turned)
            intake.take(found)
            told = book.settle()
            work.move(arrivals.taken.last, now)
        return told

    def _observe(self, arrivals: Arrivals, people: People, now: datetime) -> list[Alert]:
        """What observers remark, once the verdicts are told: nothing severe waits for it."""
        seen = [r for o in self._observers for r in o.observe(arrivals.coarse, self._lake)]
        new = unsaid(seen, lambda ids: self._store.alerts(ids))
        if not new:
            return []
        with self._store.round() as work:
            book = Book(self._store, work, people, self._sinks, now)
            for alert in alerts(new, arrivals.taken.at, now):
                book.notice(alert)
            return book.told

    @staticmethod
    def _confine(arrivals: Arrivals, describer: Describer, also: Iterable[Key]) -> None:
        """Put together only records between ends that something is to be found out about: of most it is
        plain that they may."""
        coarse = arrivals.coarse
        found = violations(coarse, describer.policy).select(ENDS.names)
        guessed = coarse.filter(coarse["guessed"]).select(ENDS.names)
        rows = [dict(zip(KEYS, key, strict=True)) for key in also]
        others = pa.Table.from_pylist(rows, schema=CONNECTIONS).select(ENDS.names)
        arrivals.confine(pa.concat_tables([found, guessed, others]))

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
