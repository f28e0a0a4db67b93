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
from sekisho.watch.judging import judged, violating, violations
from sekisho.watch.moving import move
from sekisho.watch.observers import Observers
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
        self._most = most
        self._observers = Observers(lake, store, sinks, observers, most)
        self._openers = Openers()

    def judge(self, describer: Describer, people: People, now: datetime) -> Judged | None:
        """Judge the next files; None where there are none. Killed at any moment, either the round counts
        with all that its verdicts tell, or it is judged again; observers have a cursor of their own and
        see it again."""
        after = self._store.cursor() or 0
        cuts, traits = describer.cuts, describer.traits
        arrivals = self._lake.arrivals(after, cuts, self._most, traits=traits)
        if arrivals is None:
            return None
        with arrivals:
            describer.learn(arrivals.stood)
            rows = judged(arrivals.coarse, describer.policy)
            told = self._take(arrivals, rows, describer, people, now)
            told += self._observers.look(rows, arrivals, after, people, now)
            told += self._observers.look_back(describer, people, now) or ()
            return Judged(arrivals.taken, tuple(told), len(arrivals.damage))

    def rest(self, describer: Describer, people: People, now: datetime) -> list[Alert]:
        """While nothing comes: let observers see what they have yet to see, or finish what they put off."""
        told = self._observers.look_back(describer, people, now)
        return self._observers.idle(people, now) if told is None else told

    def keep(self) -> None:
        """Save what observers remember, so that the next start need not show it to them again."""
        self._observers.keep()

    def _take(
        self,
        arrivals: Arrivals,
        rows: pa.Table,
        describer: Describer,
        people: People,
        now: datetime,
    ) -> list[Alert]:
        doubtful = unsure(self._store, arrivals)
        self._confine(arrivals, rows, doubtful.known)
        found = violations(arrivals.table, describer.policy)
        self._openers.note(arrivals.table)
        with self._store.round() as work:
            book = Book(self._store, work, people, self._sinks, now)
            turned, lost = turn(arrivals, doubtful, work)
            left = move(arrivals, self._store, describer)
            work.put_connections(list(left.rows.values()), left.rows)
            book.touch(sorted(lost | left.alerts))
            became = {**turned, **left.became}
            intake = Intake(
                arrivals, self._store, work, book, describer, people, self._openers, became, left.rows
            )
            intake.take(found)
            told = book.settle()
            work.move(arrivals.taken.last, now)
        return told

    @staticmethod
    def _confine(arrivals: Arrivals, coarse: pa.Table, also: Iterable[Key]) -> None:
        """Put together only records between ends that something is to be found out about: of most it is
        plain that they may."""
        found = violating(coarse).select(ENDS.names)
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
            last = self._lake.last_file(since)
            work.move(last, now)
            self._observers.begin(work, last)
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
