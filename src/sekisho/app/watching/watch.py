"""The watch: follow the folders, judge what came into the lake, tell what is new, again and again."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sekisho.app.containing.alarms import raise_alarms
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.learning.alarms import raise_overdue
from sekisho.app.logging import info, logger
from sekisho.app.notifying.alarms import raise_clocks
from sekisho.app.restoring.recontain import from_alerts
from sekisho.app.sinks import Target
from sekisho.app.watching.collection import centre, collection
from sekisho.app.watching.couriers import Couriers
from sekisho.app.watching.enforcing import InForce
from sekisho.app.watching.following import Follower
from sekisho.app.watching.judges import Judges
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.contain.escaping import Escapes
from sekisho.errors import RequestError, SekishoError
from sekisho.model.verdicts import SEVERITIES, Severity, worse_or_equal
from sekisho.store.locks import exclusive
from sekisho.watch.alerts import Alert
from sekisho.watch.base import Observer
from sekisho.watch.habits import Habits
from sekisho.watch.initiators import Initiators
from sekisho.watch.metrics import Exposition, Metrics
from sekisho.watch.people import People, people
from sekisho.watch.run import Rounds
from sekisho.watch.status import Status

INTERVAL = 1.0
"""Seconds between two looks at the folders and the lake."""


@dataclass(slots=True)
class Tally:
    """What a run came to."""

    flows: int = 0
    told: int = 0
    unread: int = 0
    damaged: int = 0
    severities: Counter[Severity] = field(default_factory=Counter)


class Watch:
    """An open watch; one runs at a time in a workspace. Use `watching`."""

    def __init__(
        self,
        workspace: Workspace,
        decisions: Decisions,
        rounds: Rounds,
        judges: Judges,
        follower: Follower,
        couriers: Couriers,
        metrics: Metrics | None,
        clock: Callable[[], datetime],
        sinks: Mapping[str, Severity],
        in_force: InForce,
        by: str = "watch",
    ) -> None:
        self._workspace = workspace
        self._by = by
        self._decisions = decisions
        self._store = decisions.state.alerts()
        self._rounds = rounds
        self._judges = judges
        self._follower = follower
        self._couriers = couriers
        self._metrics = metrics
        self._clock = clock
        self._sinks = sinks
        self._in_force = in_force
        self._answered = 0
        self._alarmed = -1
        self._clocked: tuple[int, datetime] | None = None
        self._people: tuple[int, datetime, People] | None = None
        self._last: tuple[int, timedelta, datetime, int] | None = None
        self._sound = True
        self.tally = Tally()

    def turn(self, stop: threading.Event | None = None) -> None:
        """Once: read what is new, judge all that waits, look at what is due, and tell it.

        Ends after the round in which `stop` is set.
        """
        now = self._clock()
        self._decisions.follow()
        look = self._judges.look(now)
        self._sound = look.sound
        decided = self._decided(now)
        told = list(self._rounds.notice(look.notice, decided, now)) if look.notice else []
        told += self._contained(now)
        told += self._due(now)
        self._in_force.look(look.describer, now)
        self._follow(look.describer.inventory.sensors, now)
        while (judged := self._rounds.judge(look.describer, decided, self._clock())) is not None:
            told += judged.told
            at = self._clock()
            taken = judged.taken
            self._last = taken.last, at - taken.at, at, taken.behind
            self.tally.flows += taken.rows
            self.tally.damaged += judged.damaged
            info("judged", file=taken.last, flows=taken.rows, told=len(judged.told))
            self._couriers.wake()
            self._report()
            if stop is not None and stop.is_set():
                break
        told += self._rounds.rest(look.describer, decided, self._clock())
        told += self._rounds.review(decided, self._clock(), self._newly_answered())
        self._recontain(told)
        self.tally.told += len(told)
        self.tally.severities.update(alert.severity for alert in told)
        self._couriers.wake()
        self._report()

    def _recontain(self, told: Sequence[Alert]) -> None:
        """What was told may lie on a link that was given back. The watch goes on whatever becomes of it."""
        if not told:
            return
        try:
            from_alerts(self._workspace, told, now=self._clock(), by=self._by)
        except SekishoError as error:
            logger().error("not looked at for lifted links", reason=str(error))

    def _follow(self, sensors: Any, now: datetime) -> None:
        try:
            summary = self._follower.take(sensors, now)
        except RequestError as error:
            # Another process takes files in; what changed is still changed next time.
            logger().warning("not taken", reason=str(error))
            return
        self.tally.unread += len(summary.unread) if summary else 0

    def _decided(self, now: datetime) -> People:
        """What people decided; acceptances run out by themselves, so it is read anew each minute too."""
        seq = self._decisions.state.cursor().seq
        known = self._people
        if known is None or known[0] != seq or now - known[1] >= timedelta(minutes=1):
            known = self._people = (seq, now, people(self._decisions.state, now))
        return known[2]

    def _contained(self, now: datetime) -> Sequence[Alert]:
        """What of containment nobody was told yet; the ledger is looked at where it has grown."""
        seq = self._decisions.state.cursor().seq
        if seq == self._alarmed:
            return ()
        found = raise_alarms(self._decisions, self._sinks, now)
        self._alarmed = seq
        return found

    def _due(self, now: datetime) -> Sequence[Alert]:
        """Duties to notify that are due soon or late; looked at where the ledger has grown, and each minute."""
        seq = self._decisions.state.cursor().seq
        last = self._clocked
        if last is not None and last[0] == seq and now - last[1] < timedelta(minutes=1):
            return ()
        self._clocked = seq, now
        try:
            told = (self._workspace, self._decisions, self._sinks, now)
            return (*raise_clocks(*told), *raise_overdue(*told))
        except RequestError as error:
            logger().error("clocks not looked at", reason=str(error))
            return ()

    def _newly_answered(self) -> Sequence[str]:
        fresh = [one for one in self._decisions.state.answers() if one.seq > self._answered]
        if not fresh:
            return ()
        self._answered = fresh[-1].seq
        return sorted({one.alert for one in fresh})

    def run(self, stop: threading.Event) -> None:
        """Turn after turn until `stop` is set."""
        self._couriers.start()
        while not stop.is_set():
            begun = time.monotonic()
            self.turn(stop)
            spent = time.monotonic() - begun
            stop.wait(max(0.0, INTERVAL - spent))
        self._rounds.keep()

    def once(self) -> None:
        """One turn, with what it tells delivered at its end."""
        self.turn()
        self._rounds.keep()
        self._couriers.deliver()
        self._report()

    def status(self) -> Status:
        """How the watch is."""
        now = self._clock()
        counts = self._store.counts()
        by_verdict: Counter[tuple[Severity, str]] = Counter()
        for (status, severity, verdict), number in counts.items():
            if status == "open":
                by_verdict[SEVERITIES[severity], verdict] += number
        alerts: Counter[Severity] = Counter()
        for (word, _), number in by_verdict.items():
            alerts[word] += number
        unsent = self._store.unsent()
        file, lag, at, behind = self._last or (self._store.cursor() or 0, None, None, 0)
        return Status(
            at=now,
            alerts=dict(alerts),
            by_verdict=dict(by_verdict),
            muted=sum(n for (status, *_), n in counts.items() if status == "muted"),
            lag=None if lag is None else max(0.0, lag.total_seconds()),
            file=file,
            behind=behind,
            judged_at=at,
            flows=self.tally.flows,
            told=self.tally.told,
            pending={sink: n for (sink, failed), n in unsent.items() if not failed},
            failed={sink: n for (sink, failed), n in unsent.items() if failed},
            delivered=self._couriers.delivered,
            register_sound=self._sound,
        )

    def fails(self, threshold: Severity | None) -> bool:
        """Whether an alert that nobody answered is at least so severe."""
        return threshold is not None and any(
            worse_or_equal(severity, threshold) for severity in self.status().alerts
        )

    def _report(self) -> None:
        if self._metrics is not None:
            self._metrics.update(self.status())


@contextmanager
def watching(
    workspace: Workspace,
    targets: Sequence[Target],
    *,
    clock: Callable[[], datetime],
    by: str,
    since: datetime | None = None,
    observers: Sequence[Observer] = (),
    serve: bool = False,
) -> Iterator[Watch]:
    """Open the watch of a workspace. `serve` offers metrics where the settings say so.

    The first time, what the lake holds already raises nothing, unless it was taken after `since`. Raises
    RequestError where another watch runs, FileProblems where the register has mistakes now.
    """
    settings = workspace.settings(os.environ).settings
    workspace.lake.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as stack:
        lock = workspace.lake.parent / "watch.lock"
        stack.enter_context(exclusive(lock, "watching", 0.0, "`sekisho alert list` shows what it told"))
        decisions = stack.enter_context(open_decisions(workspace))
        lake = stack.enter_context(open_lake(workspace))
        store = decisions.state.alerts()
        couriers = Couriers(store, [target.sink for target in targets], clock)
        stack.callback(couriers.close)
        judges = Judges(workspace, decisions, by, clock())
        in_force = InForce(workspace, decisions, lake, by)
        looking: tuple[Observer, ...] = (
            Habits(lambda: judges.describer),
            Initiators(lambda: judges.describer),
            Escapes(in_force, lambda: judges.describer),
            *observers,
        )
        sinks = {target.sink.name: target.severity for target in targets}
        rounds = Rounds(lake, store, sinks, looking)
        if not rounds.begin(clock(), since) and since is not None:
            logger().warning("since is for the first time only: the watch goes on where it was")
        metrics = None
        if serve and settings.watch.metrics:
            metrics = Metrics(lambda: collection(workspace), lambda: centre(workspace))
            stack.callback(Exposition(metrics, settings.watch.metrics).close)
        follower = Follower(lake, workspace.root)
        yield Watch(
            workspace,
            decisions,
            rounds,
            judges,
            follower,
            couriers,
            metrics,
            clock,
            sinks,
            in_force,
            by,
        )
