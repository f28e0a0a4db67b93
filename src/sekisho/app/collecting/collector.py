"""A collector: a receiver in a process of its own, and whoever empties its journal into the lake."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from filelock import FileLock, Timeout

from sekisho.app.collecting.committer import Committer, Undecodable
from sekisho.app.collecting.plan import listen_plan
from sekisho.app.collecting.retiring import Retiring
from sekisho.app.collecting.status import CollectStatus, write_status
from sekisho.app.collecting.telling import told
from sekisho.app.collecting.upkeep import Upkeep
from sekisho.app.logging import warning
from sekisho.app.mappings import load_mapping
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.wiring import open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, PartlyRead, RequestError, SekishoError
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPAddress
from sekisho.sources.base import RawMapping
from sekisho.sources.listeners.receiver import Receiver
from sekisho.sources.listeners.status import read_status as read_receiver
from sekisho.store.lake import Lake
from sekisho.store.writer import Steps

TELL = 1.0
"""Seconds between two status files."""
LOOK = 5.0
"""Seconds between two looks at the register's files, and before a receiver that failed is tried again."""
BUSY = 2
"""Sealed segments from which on there is no time for a roll-up."""

PATIENCE = 2.0
"""Seconds that a commit waits for another writer before the receiver is looked after again."""

AFTER_KILL = 10.0
"""Seconds that the receiver of an earlier collector is given to end."""

Tell = Callable[[CollectStatus], None]


@dataclass(slots=True)
class _Register:
    """The inventory as it stands, and when its files were written."""

    inventory: Inventory
    mappings: Mapping[str, RawMapping]
    stamp: tuple[int, ...]

    @property
    def allow(self) -> frozenset[IPAddress]:
        sensors = self.inventory.sensors.values()
        return frozenset(sensor.address for sensor in sensors if sensor.address is not None)


class Collector:
    """One at a time in a workspace. `tell` hears how it goes about once a second."""

    def __init__(
        self,
        workspace: Workspace,
        settings: CollectSettings,
        tell: Tell,
        *,
        steps: Steps = lambda _step: None,
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._tell = tell
        self._steps = steps
        self._folder = workspace.journal
        self._register = self._read()
        self._since = time.time_ns() // 1000
        self._state: Literal["collecting", "stopping", "stopped"] = "collecting"
        self._trouble: dict[str, str] = {}
        self._restarts = 0
        self._told = 0.0
        self._looked = self._tried = time.monotonic()
        self._backlog = 0
        self._receiver: Receiver | None = None
        self._failed: str | None = None
        """The segment that could not be decoded last."""
        keep = timedelta(days=settings.keep_days)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._retiring = Retiring(self._folder, keep, settings.keep_size)

    def run(self, stop: threading.Event) -> None:
        """Collect until `stop` is set, then commit all that had been received.

        Raises RequestError where another collector runs, nothing can be listened on, or no sensor has an
        address.
        """
        with ExitStack() as stack:
            stack.enter_context(self._alone())
            lake = stack.enter_context(
                open_lake(self._workspace, lock_timeout=PATIENCE, steps=self._steps)
            )
            committer = self._committer(lake)
            self._started()
            stack.callback(self._stop_receiver)
            upkeep = Upkeep(
                lambda: open_lake(self._workspace),
                lambda own: own.refresh(traits_of(self._register.inventory)),
                self._retiring.tend,
                refresh_seconds=self._settings.refresh_minutes * 60,
                idle=lambda: self._backlog < BUSY,
            )
            upkeep.start()
            stack.callback(upkeep.stop)
            while not stop.is_set():
                begun = time.monotonic()
                committer = self._turn(lake, committer)
                self._look(committer)
                self._publish(committer, upkeep)
                # With a backlog there is no waiting.
                rest = self._settings.commit_seconds - (time.monotonic() - begun)
                stop.wait(0 if self._backlog > BUSY and not self._trouble else max(rest, 0.01))
            self._state = "stopping"
            self._publish(committer, upkeep, always=True)
            self._stop_receiver()
            committer = self._drain(lake, committer)
            upkeep.stop()
            self._state = "stopped"
            self._publish(committer, upkeep, always=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        lock = FileLock(self._folder / "collect.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise RequestError(
                f"another collector runs in {self._workspace.root}",
                "see it with `sekisho collect --status`; stop it before another is started",
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _committer(self, lake: Lake) -> Committer:
        try:
            return Committer(
                lake,
                self._folder,
                self._register.inventory.sensors,
                self._register.mappings,
                retire=self._retiring.retire,
                clock=lambda: datetime.now(UTC),
                steps=self._steps,
            )
        except ValueError as error:
            raise IntegrityError(
                f"what the lake keeps of exporters' streams is damaged: {error}",
                "restore the lake from a backup",
            ) from error

    def _turn(self, lake: Lake, committer: Committer) -> Committer:
        """Commit what there is. What fails is tried again; nothing leaves the journal before it counts."""
        try:
            committer.step()
        except (RequestError, PartlyRead) as error:
            self._in_trouble("commit", str(error))
        except (OSError, sqlite3.OperationalError) as error:
            # What was decoded may be half a segment: go on from where the last commit stood.
            self._in_trouble("commit", f"{type(error).__name__}: {error}")
            committer = self._again(lake, committer)
        except Undecodable as error:
            self._undecodable(error)
            committer = self._again(lake, committer)
        else:
            self._trouble.pop("commit", None)
            self._failed = None
        self._backlog = len(committer.backlog())
        return committer

    def _again(self, lake: Lake, committer: Committer) -> Committer:
        fresh = self._committer(lake)
        fresh.totals = committer.totals
        return fresh

    def _undecodable(self, error: Undecodable) -> None:
        """Once may be chance. A segment that fails twice would stop all that comes after it."""
        if self._failed != error.segment.name:
            self._failed = error.segment.name
            self._in_trouble("commit", f"an internal error, to be tried again: {error}")
            return
        name = self._retiring.set_aside(error.segment)
        self._in_trouble(
            "segment", f"{name} is set aside, nothing of it counts: internal error: {error}"
        )

    def _drain(self, lake: Lake, committer: Committer) -> Committer:
        while committer.backlog():
            committer = self._turn(lake, committer)
            if "commit" in self._trouble and self._failed is None:
                break
        return committer

    def _started(self) -> None:
        plan = listen_plan(self._settings, self._workspace.root, self._register.allow)
        # The receiver of a collector that was killed is still writing down what it had received.
        with suppress(Timeout), FileLock(self._folder / "lock", timeout=AFTER_KILL):
            pass
        receiver = Receiver(plan, self._folder)
        receiver.start()
        self._receiver = receiver

    def _stop_receiver(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        by_itself = receiver.returncode is not None
        if receiver.stop() != 0 and not by_itself:
            self._in_trouble("receiver", "the receiver could not write all that it had received")

    def _look(self, committer: Committer) -> None:
        """After the receiver, and after the register."""
        now = time.monotonic()
        running = self._receiver is not None and self._receiver.returncode is None
        if not running and now - self._tried >= LOOK:
            self._tried = now
            self._restart("the receiver ended by itself and was started again")
        elif not running:
            self._in_trouble("receiver", "the receiver has ended; it is started again in some seconds")
        if now - self._looked < LOOK:
            return
        self._looked = now
        if self._stamp() == self._register.stamp:
            return
        try:
            fresh = self._read()
        except SekishoError as error:
            self._in_trouble("register", f"the register as it was is used still: {error}")
            return
        self._trouble.pop("register", None)
        before, self._register = self._register.allow, fresh
        committer.use(fresh.inventory.sensors, fresh.mappings)
        if fresh.allow != before:
            self._restart("")

    def _restart(self, why: str) -> None:
        self._stop_receiver()
        try:
            self._started()
        except SekishoError as error:
            self._in_trouble("receiver", f"nothing is received: {error}")
            return
        self._trouble.pop("receiver", None)
        if why:
            self._restarts += 1
            warning("receiver", what=why)

    def _stamp(self) -> tuple[int, ...]:
        files = self._workspace.inventory_files()
        return tuple(
            number for path in files for number in (path.stat().st_mtime_ns, path.stat().st_size)
        )

    def _read(self) -> _Register:
        stamp = self._stamp()
        inventory = read_inventory(self._workspace)
        mappings = {
            sensor.name: load_mapping(self._workspace.root, sensor.mapping)
            for sensor in inventory.sensors.values()
            if sensor.mapping and sensor.address is not None
        }
        return _Register(inventory, mappings, stamp)

    def _in_trouble(self, about: str, what: str) -> None:
        if self._trouble.get(about) != what:
            warning(about, what=what)
        self._trouble[about] = what

    def _publish(
        self, committer: Committer, upkeep: Upkeep, *, always: bool = False
    ) -> CollectStatus | None:
        if not always and time.monotonic() - self._told < TELL:
            return None
        self._told = time.monotonic()
        trouble = [*self._trouble.values(), *filter(None, [upkeep.trouble])]
        heard = None
        try:
            heard = read_receiver(self._folder)
            if heard is not None and heard.trouble:
                trouble.append(heard.trouble)
        except (OSError, ValueError) as error:
            trouble.append(f"the receiver's status cannot be read: {error}")
        start = CollectStatus(
            pid=os.getpid(),
            state=self._state,
            since=self._since,
            at=time.time_ns() // 1000,
            merged=upkeep.merged,
            receiver_restarts=self._restarts,
            trouble=tuple(trouble),
        )
        sensors = self._register.inventory.sensors
        status = told(start, committer, sensors, committer.backlog(), heard)
        try:
            write_status(self._folder, status)
        except OSError as error:
            status = replace(status, trouble=(*status.trouble, f"no status can be written: {error}"))
        self._tell(status)
        return status
