"""A site: a receiver in a process of its own, and a spool that goes to the centre whenever it can."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock, Timeout

from sekisho.app.collecting.plan import listen_plan
from sekisho.app.logging import warning
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.settings.forwarding import CentreSettings, ForwardSettings
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError, SekishoError
from sekisho.model.addresses import IPAddress
from sekisho.sources.forwarding.delivery import Delivery, NotNow
from sekisho.sources.forwarding.forwarder import Forwarder, Terms
from sekisho.sources.forwarding.pacing import Pace
from sekisho.sources.forwarding.peer import client_context
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.listeners.receiver import Receiver

SEGMENT_SECONDS = 5.0
"""A site seals less often than the centre: two weeks are a quarter of a million files as it is."""
LOOK = 5.0
"""Seconds between two looks at the receiver and at the register's files."""
TIMEOUT = httpx.Timeout(60.0, connect=15.0)


class Site:
    """One at a time in a workspace. `steps` hears of every durable step of the spool."""

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
        self._receiver: Receiver | None = None
        self._allow: frozenset[IPAddress] = frozenset()

    def run(self, stop: threading.Event, listening: Callable[[Receiver], None]) -> None:
        """Receive and forward until `stop` is set; `listening` is told when it receives.

        Raises RequestError where settings are missing, nothing can be listened on or another one runs.
        """
        with alone(self._workspace.spool, "forward"):
            forwarder = self._forwarder(stop)
            thread = threading.Thread(target=self._forward, args=(forwarder, stop), name="forward")
            try:
                self._allow = self._addresses()
                self._start()
                if self._receiver is not None:
                    listening(self._receiver)
                thread.start()
                while not stop.wait(LOOK):
                    self._look()
            finally:
                stop.set()
                if thread.ident is not None:
                    thread.join()
                if self._receiver is not None:
                    self._receiver.stop()

    def _forward(self, forwarder: Forwarder, stop: threading.Event) -> None:
        try:
            forwarder.run(stop)
        finally:
            # Without it the site would receive until its disk is full: it ends, and is started again.
            stop.set()

    def _forwarder(self, stop: threading.Event) -> Forwarder:
        forward, root = self._settings.forward, self._workspace.root
        if forward.url is None:
            raise RequestError(
                "there is no centre to forward to", "Set `url` of [collect.forward] in sekisho.toml."
            )
        context = client_context(*(pem(root, "collect.forward", forward, name) for name in _FILES))
        client = httpx.Client(base_url=forward.url, verify=context, trust_env=False, timeout=TIMEOUT)

        def wait(seconds: float) -> None:
            if stop.wait(seconds):
                raise NotNow("stopping")

        return Forwarder(
            Spool(self._workspace.spool, self._steps),
            Delivery(client, Pace(forward.rate, time.monotonic), wait),
            Terms(timedelta(days=forward.keep_days), forward.limit),
            now=lambda: datetime.now(UTC),
            tell=_tell,
            random=random.random,
        )

    def _start(self) -> None:
        plan = listen_plan(self._settings, self._workspace.root, self._allow)
        receiver = Receiver(replace(plan, segment_seconds=SEGMENT_SECONDS), self._workspace.spool)
        receiver.start()
        self._receiver = receiver

    def _look(self) -> None:
        allow = self._allow
        # A register that cannot be read just now changes nothing.
        with suppress(SekishoError):
            allow = self._addresses()
        running = self._receiver is not None and self._receiver.returncode is None
        if running and allow == self._allow:
            return
        if not running:
            warning("receiver", what="it ended by itself and is started again")
        if self._receiver is not None:
            self._receiver.stop()
        self._allow = allow
        try:
            self._start()
        except SekishoError as error:
            warning("receiver", what=f"nothing is received: {error}")

    def _addresses(self) -> frozenset[IPAddress]:
        sensors = read_inventory(self._workspace).sensors.values()
        return frozenset(sensor.address for sensor in sensors if sensor.address is not None)


_FILES = ("ca", "certificate", "key")


def pem(root: Path, section: str, settings: ForwardSettings | CentreSettings, name: str) -> Path:
    """The path of a PEM file that the settings name. Raises RequestError where they do not."""
    value = getattr(settings, name)
    if value is None:
        raise RequestError(
            f"{section}.{name} is not set",
            f"Name the PEM file in [{section}] of sekisho.toml; `sekisho collector certificate` makes one.",
        )
    return root / str(value)


@contextmanager
def alone(folder: Path, name: str) -> Iterator[None]:
    """Hold a folder for this process. Raises RequestError where another one has it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(folder / f"{name}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RequestError(
            f"another process works in {folder}", "Stop it, then start this again."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _tell(event: str, **fields: Any) -> None:
    # As loud for its end as for its beginning: who saw a line cut sees it resumed.
    warning(f"forwarding {event}", **fields)
