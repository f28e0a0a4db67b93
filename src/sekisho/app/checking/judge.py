"""Whoever judges what nodes delivered: off the way of requests, a batch at a time, and where it stopped.

What came of a batch counts in one transaction, with the letters gone; killed before it, the same letters are
judged again, and the file that was written already counts for nothing and is swept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta

import pyarrow as pa

from sekisho.app.checking.asked import Standing
from sekisho.app.checking.homes import Homes
from sekisho.app.checking.ramping import ramp
from sekisho.app.collecting.site import alone
from sekisho.app.decisions import open_decisions
from sekisho.app.logging import info, warning
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError, SekishoError
from sekisho.fleet.service.judging import Judged, Result, judge
from sekisho.model.nodes import Lot
from sekisho.state.nodes import NodeStore
from sekisho.state.state import State
from sekisho.store.layout import Layout
from sekisho.store.results import SCHEMA, merged, sweep, write

MOST = 200
"""Letters of one turn: what it comes to is written in a tenth of a second, and check-ins wait for that."""
SMALL, FEWEST, AT_ONCE = 250_000, 8, 64
"""Rows of a file that is not merged any more; how many of a day are merged at once, at least and at most."""
FEW = 50
"""With fewer a file of results is not worth writing yet."""
LOOK = 1.0
PATIENCE = 5.0
"""Seconds that few letters wait for more."""
KEPT = timedelta(days=30)
"""How long letters wait for the rest of their check, and repetitions are told."""
ALSO_EVERY, ALSO_SHARE = 5.0, 10.0
FORGET_EVERY = timedelta(hours=1)
MOST_ROWS = 2_000_000
"""Rows that are held in memory to be merged."""
MERGING = "merging"
"""Names the lock of whoever merges files, or needs them to stay."""
Steps = Callable[[str], None]


class Judge:
    """One at a time in a workspace. `steps` hears of every durable step."""

    def __init__(
        self,
        workspace: Workspace,
        state: State,
        *,
        now: Callable[[], datetime],
        steps: Steps = lambda _step: None,
    ) -> None:
        self._checks = Standing(workspace)
        self._fleet = workspace.fleet
        self._layout = Layout(workspace.lake)
        self._store: NodeStore = state.nodes()
        self._state = state
        self._now = now
        self._steps = steps
        self._forgot = now()
        self._due = 0.0

    def begin(self) -> int:
        """Remove files that do not count, such as a killed run left; how many those were."""
        return sweep(self._layout.results, {lot.path for lot in self._store.lots()})

    def turn(self) -> int:
        """Judge the oldest letters; how many there were."""
        new = self._store.letters(MOST)
        if not new:
            return 0
        numbers = sorted({letter.node for letter in new})
        now = self._now()
        campaigns = self._state.fleet().campaigns()
        campaign = campaigns[-1].seq if campaigns else 0
        held, nodes = self._store.held(numbers), self._store.of(numbers)
        judged = judge(new, held, nodes, campaign, self._checks.at(now))
        lots = self._lots(judged, now)
        self._steps("written")
        self._store.settle(
            judged=judged.done,
            held=judged.held,
            answers=judged.answers,
            lots=lots,
            refused=[(node, "wrong_shape", 1, words) for node, words in judged.broken],
            now=now,
        )
        self._steps("settled")
        return len(new)

    def run(self, stop: threading.Event, also: Callable[[], None] = lambda: None) -> None:
        """Judge until told to stop, and do `also` now and then. What fails is told and tried again."""
        self.begin()
        waited = 0.0
        while not stop.wait(LOOK):
            try:
                self._now_and_then(also)
                waiting = len(self._store.letters(FEW))
                waited = waited + LOOK if waiting else 0.0
                if waiting < FEW and waited < PATIENCE:
                    continue
                # What comes of a large campaign takes minutes; who pauses it must not wait for that.
                while not stop.is_set() and self.turn() >= MOST:
                    self._now_and_then(also)
                waited = 0.0
                self._forget()
            except (SekishoError, OSError) as error:
                warning("judging", what=str(error))

    def _now_and_then(self, also: Callable[[], None]) -> None:
        begun = time.monotonic()
        if begun >= self._due:
            try:
                also()
            except (SekishoError, OSError) as error:
                # What terminals bring is judged all the same.
                warning("steering", what=str(error))
            # A fleet that takes long to look over is looked over less often.
            took = time.monotonic() - begun
            self._due = begun + max(ALSO_EVERY, took * ALSO_SHARE)

    def _forget(self) -> None:
        now = self._now()
        # Not at once: a start that follows a crash has letters that wait.
        if abs(now - self._forgot) >= FORGET_EVERY:
            self._store.forget(now - KEPT)
            # While a backup is made the files that its copy of the state names must stay.
            with suppress(RequestError), alone(self._fleet, MERGING):
                while self.tidy():
                    pass
            self._forgot = now

    def tidy(self) -> int:
        """Merge small files of one day into one; how many there were, 0 where none are."""
        by_day: dict[date, list[Lot]] = {}
        for lot in self._store.lots():
            if lot.rows < SMALL:
                by_day.setdefault(lot.at.date(), []).append(lot)
        for _, lots in sorted(by_day.items()):
            chosen = lots[:AT_ONCE]
            while sum(lot.rows for lot in chosen) > MOST_ROWS:
                chosen.pop()
            if len(chosen) < FEWEST:
                continue
            paths, at = [lot.path for lot in chosen], chosen[0].at
            path, rows = merged(self._layout.root, self._layout.results, paths, at)
            self._steps("merged")
            self._store.replace_lots(chosen, Lot(path, rows, at))
            self.begin()
            return len(chosen)
        return 0

    def _lots(self, judged: Judged, now: datetime) -> list[Lot]:
        if not judged.results:
            return []
        table = as_table(judged.results)
        path = write(self._layout.root, self._layout.results, table, now)
        return [Lot(path, table.num_rows, now)]


def as_table(results: Sequence[Result]) -> pa.Table:
    """Results in the lake's columns."""
    columns: dict[str, list[object]] = {
        "received": [r.received for r in results],
        "node": [r.node for r in results],
        "hostname": [r.who.hostname for r in results],
        "uuid": [r.who.uuid for r in results],
        "source": [r.source for r in results],
        "campaign": [r.campaign for r in results],
        "name": [r.name for r in results],
        "status": [r.status for r in results],
        "message": [r.message for r in results],
        "row": [r.row for r in results],
    }
    arrays = [pa.array(columns[f.name], f.type) for f in SCHEMA if f.name in columns]
    return pa.table([*arrays, _columns(results)], schema=SCHEMA)


def _columns(results: Sequence[Result]) -> pa.MapArray:
    # A list of pairs for each row would cost more than all the rest of judging.
    offsets: list[int | None] = []
    names: list[str] = []
    values: list[str] = []
    for one in results:
        offsets.append(None if one.columns is None else len(names))
        if one.columns is not None:
            names.extend(one.columns)
            values.extend(one.columns.values())
    offsets.append(len(names))
    text = pa.string()
    return pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(names, text), pa.array(values, text)
    )


def judging(workspace: Workspace, stop: threading.Event, now: Callable[[], datetime]) -> None:
    """Judge in this process until told to stop, and let campaigns take the steps that are due."""
    with open_lake(workspace):
        pass  # it is there from now on
    with open_decisions(workspace) as decisions:
        homes = Homes(workspace, decisions)

        def steer() -> None:
            homes.look(now())
            for step in ramp(decisions, homes.nodes, now=now()):
                info("campaign", step=step)

        Judge(workspace, decisions.state, now=now).run(stop, steer)
