"""What observers have seen of the lake: everything once, in order, whatever happens between two rounds.

What an observer remembers is saved now and then, with the last file that it saw. Files after that are shown to
it again after a start, and what it remarks again was told already or is told now. The verdicts never wait for
more than one such round.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from sekisho.model.verdicts import Severity
from sekisho.state.alerts import AlertStore, Round
from sekisho.store.arrivals import COARSE, Arrivals
from sekisho.store.lake import Lake
from sekisho.watch.alerts import TOLD, Alert, alert_id
from sekisho.watch.base import Observer, Remark, Seen
from sekisho.watch.book import Book
from sekisho.watch.describing import Describer
from sekisho.watch.judging import judged
from sekisho.watch.observing import alerts, together, unsaid
from sekisho.watch.people import People

SAVED = 30.0
"""Seconds between two savings."""


class Observers:
    """The observers of a watch, and how far they have looked. `steady` is a clock, in seconds."""

    def __init__(
        self,
        lake: Lake,
        store: AlertStore,
        sinks: Mapping[str, Severity],
        observers: Sequence[Observer],
        most: int,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lake = lake
        self._store = store
        self._sinks = sinks
        self._observers = observers
        self._most = most
        self._steady = steady
        self._saved_at = steady()
        self._saved, self._at = self._resumed()

    def _resumed(self) -> tuple[int, int]:
        """Where they go on: an observer that is new has nothing to catch up with."""
        known = self._store.observers()
        files = [known[one.name][0] for one in self._observers if one.name in known]
        at = min(files, default=self._store.cursor() or 0)
        for one in self._observers:
            file, memory = known.get(one.name, (at, b""))
            if memory:
                one.remember(memory)
            else:
                one.begin(file)
        return at, at

    def begin(self, work: Round, file: int) -> None:
        """What the lake holds up to a file is not looked at."""
        self._saved = self._at = file
        for one in self._observers:
            one.begin(file)
        work.keep(file, {one.name: b"" for one in self._observers})

    def look(
        self, rows: pa.Table, arrivals: Arrivals, after: int, people: People, now: datetime
    ) -> list[Alert]:
        """Let them see a round that was just judged, of files after one. Where they have not seen all up to
        that one they will see the round later."""
        if self._at < after:
            return []
        taken = arrivals.taken
        return self._show(Seen(rows, taken.at, arrivals), taken.last, people, now)

    def look_back(self, describer: Describer, people: People, now: datetime) -> list[Alert] | None:
        """Let them see a round that was judged and that they have not seen; None where there is none."""
        judged_to = self._store.cursor() or 0
        if not self._observers or self._at >= judged_to:
            return None
        arrivals = self._lake.arrivals(
            self._at, describer.cuts, self._most, judged_to, describer.traits
        )
        if arrivals is None:
            self._at = judged_to
            return []
        with arrivals:
            rows = judged(arrivals.coarse, describer.policy)
            taken = arrivals.taken
            return self._show(Seen(rows, taken.at, arrivals), taken.last, people, now)

    def idle(self, people: People, now: datetime) -> list[Alert]:
        """Let them finish what they put off."""
        empty = COARSE.append(pa.field("decided", pa.int8())).empty_table()
        return self._show(Seen(empty, now), self._at, people, now)

    def _show(self, seen: Seen, last: int, people: People, now: datetime) -> list[Alert]:
        remarks = [r for one in self._observers for r in one.observe(seen, self._lake)]
        told = self._tell(remarks, seen.at, people, now) if remarks else []
        self._at = last
        if self._at > self._saved and self._steady() - self._saved_at >= SAVED:
            self.keep()
        return told

    def _tell(
        self, remarks: Sequence[Remark], at: datetime, people: People, now: datetime
    ) -> list[Alert]:
        new = unsaid(remarks, self._store.remarked)
        if not new:
            return []
        with self._store.round() as work:
            book = Book(self._store, work, people, self._sinks, now)
            for alert in alerts(new, at, now):
                book.notice(alert)
            late = together(new)
            # What has no alert of its own name is remembered to be told.
            kept = [alert_id(one.key) for one in new if one.about or one in late]
            work.remarked(kept, now, now - TOLD)
            return book.told

    def keep(self) -> None:
        """Save what they remember, with how far they have looked."""
        memories = {one.name: one.memory() for one in self._observers}
        with self._store.round() as work:
            work.keep(self._at, memories)
        self._saved, self._saved_at = self._at, self._steady()
