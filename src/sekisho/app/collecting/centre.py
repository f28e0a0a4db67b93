"""The centre: what sites forward is received, and goes into the lake like what is received here."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from sekisho.app.collecting.committer import Committer
from sekisho.app.collecting.directory import Directory, Standing
from sekisho.app.collecting.site import alone, pem
from sekisho.app.collecting.upkeep import Upkeep
from sekisho.app.logging import info, warning
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.settings.forwarding import place
from sekisho.app.wiring import open_lake, traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import PartlyRead, RequestError, SekishoError
from sekisho.sources.forwarding.peer import server_context
from sekisho.sources.forwarding.received import Received, follows, take_out
from sekisho.sources.forwarding.receiver import Receiver
from sekisho.sources.forwarding.serving import Serving
from sekisho.sources.forwarding.told import losses
from sekisho.sources.forwarding.wire import DroppedSpan
from sekisho.sources.times import micros_of
from sekisho.store.lake import Lake
from sekisho.store.streams import Collected, Gap

PATIENCE = 2.0
"""Seconds that a commit waits for another writer before it is tried again later."""
BUSY = 2
"""Segments that wait from which on there is no time for a roll-up."""
FULL_SEGMENTS, FULL_BYTES = 64, 16 << 20
"""What has to wait for the next commit to begin at once: of a few small segments each its own would cost what
receiving the next ones needs."""


class Centre:
    """One at a time in a workspace. `steps` hears of every durable step of what is received."""

    def __init__(
        self,
        workspace: Workspace,
        settings: CollectSettings,
        *,
        steps: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self._workspace = workspace
        self._settings = settings
        self._steps = steps
        self._directory = Directory(workspace)
        self._committers: dict[str, Committer] = {}
        self._stamp: tuple[object, ...] = ()
        self._trouble: dict[str, str] = {}
        self._waiting = 0
        self._full = False
        self._lost: dict[str, tuple[DroppedSpan, ...]] = {}

    def run(self, stop: threading.Event, listening: Callable[[int], None]) -> None:
        """Receive and commit until `stop` is set; `listening` is told the port.

        Raises RequestError where settings are missing, the place is taken or another one runs; FileProblems.
        """
        centre, root = self._settings.centre, self._workspace.root
        context = server_context(*(pem(root, "collect.centre", centre, name) for name in _FILES))
        self._directory.now()
        with ExitStack() as stack:
            stack.enter_context(alone(self._workspace.received, "centre"))
            received = Received(self._workspace.received, self._steps)
            stack.callback(received.close)
            receiver = Receiver(
                received,
                self._directory.collectors,
                now=_now,
                tell=_tell,
                limit=centre.limit,
                rate=centre.requests,
            )
            stack.callback(self._settle, receiver)
            lake = stack.enter_context(open_lake(self._workspace, lock_timeout=PATIENCE))
            upkeep = Upkeep(
                lambda: open_lake(self._workspace),
                lambda own: own.refresh(traits_of(self._directory.now().inventory)),
                received.tidy,
                refresh_seconds=self._settings.refresh_minutes * 60,
                idle=lambda: self._waiting < BUSY,
            )
            host, port = place(centre.listen)
            serving = stack.enter_context(Serving(receiver.application(), host, port, context))
            upkeep.start()
            stack.callback(upkeep.stop)
            info("centre", listen=f"{host}:{serving.port}")
            listening(serving.port)
            while not stop.wait(0 if self._full else self._settings.commit_seconds):
                if not serving.alive:
                    raise SekishoError("the server ended by itself")
                self._settle(receiver)
                self.turn(lake, received)
            # What comes in after this is committed at the next start.
            self.turn(lake, received)

    def turn(self, lake: Lake, received: Received) -> None:
        """Commit what has come of each collector. What fails is tried again at the next turn."""
        try:
            standing = self._directory.now()
        except SekishoError as error:
            self._in_trouble("settings", str(error))
            return
        self._trouble.pop("settings", None)
        self._note_losses(lake, standing)
        waiting = size = 0
        for name in standing.collectors:
            try:
                committer = self._committer(lake, received, standing, name)
                committer.step()
                backlog = committer.backlog()
                waiting += len(backlog)
                size += sum(one.size for one in backlog)
                self._trouble.pop(name, None)
            except (RequestError, PartlyRead) as error:
                self._in_trouble(name, str(error))
            except (OSError, ValueError, sqlite3.OperationalError) as error:
                # What was decoded may be half a segment: go on from where the last commit stood.
                self._in_trouble(name, f"{type(error).__name__}: {error}")
                self._committers.pop(name, None)
        self._stamp = standing.stamp
        self._waiting = 0 if self._trouble else waiting
        self._full = not self._trouble and (waiting >= FULL_SEGMENTS or size >= FULL_BYTES)

    def _settle(self, receiver: Receiver) -> None:
        """A count that cannot be kept at the moment, as on a full disk, ends no receiving."""
        try:
            receiver.settle()
        except sqlite3.OperationalError as error:
            self._in_trouble("requests", str(error))
            return
        self._trouble.pop("requests", None)

    def _note_losses(self, lake: Lake, standing: Standing) -> None:
        """What sites had to drop is no data in the coverage, with its reason, not a silence."""
        lost = losses(self._workspace.received)
        if lost == self._lost:
            return
        gaps = [
            Gap(sensor, span.id, micros_of(span.begin), micros_of(span.end), WHY[span.why])
            for name, spans in lost.items()
            for sensor in standing.sensors.get(name, ())
            for span in spans
        ]
        try:
            with lake.writer() as writer:
                writer.collected(Collected(gaps=gaps))
                writer.commit()
        except (RequestError, PartlyRead, sqlite3.OperationalError) as error:
            self._in_trouble("losses", str(error))
            return
        self._trouble.pop("losses", None)
        self._lost = lost

    def _committer(self, lake: Lake, received: Received, standing: Standing, name: str) -> Committer:
        sensors = standing.sensors[name]
        if name not in self._committers:
            self._committers[name] = Committer(
                lake,
                tuple(inlet.folder for inlet in received.inlets([name])),
                sensors,
                standing.mappings,
                retire=take_out,
                clock=_now,
                scope=name,
                follows=follows,
            )
        elif standing.stamp != self._stamp:
            self._committers[name].use(sensors, standing.mappings)
        return self._committers[name]

    def _in_trouble(self, about: str, what: str) -> None:
        if self._trouble.get(about) != what:
            warning("commit", collector=about, what=what)
        self._trouble[about] = what


WHY = {
    "age": "recorded at the site, and dropped there unforwarded: older than it keeps",
    "size": "recorded at the site, and dropped there unforwarded: no room",
    "refused": "recorded at the site, and refused here: a segment of these hours is broken",
}
_FILES = ("ca", "certificate", "key")


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(event: str, **fields: Any) -> None:
    warning(f"forwarding {event}", **fields)
