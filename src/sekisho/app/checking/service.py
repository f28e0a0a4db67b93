"""The service for osquery as one process runs it: everything connected."""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from sekisho.app.checking.enrolling import pepper
from sekisho.app.checking.sites import Sites
from sekisho.app.logging import info, warning
from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.settings.forwarding import place
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError, SekishoError
from sekisho.fleet.service.application import Application
from sekisho.fleet.service.bodies import Room
from sekisho.fleet.service.campaigning import Campaigning
from sekisho.fleet.service.configuration import configuration
from sekisho.fleet.service.desk import Desk
from sekisho.fleet.service.limits import KNOWN, Gate, Limits
from sekisho.fleet.service.metrics import ServiceMetrics
from sekisho.fleet.service.serving import Serving, tls
from sekisho.fleet.service.sitting import Terms
from sekisho.state.state import State
from sekisho.watch.metrics import Exposition

LOOK = 1.0
"""Seconds between two looks at the processes beside, and at the register's files."""
_CYCLES = (1_000, 10, 100)
AT_ONCE = 4
"""Largest bodies that a terminal may bring one after the other before its rate counts: all that it gathered."""
AGAIN = 60.0
"""Seconds in which the same trouble is not told again."""


class Service:
    """What answers in this process. `port` is where."""

    def __init__(self, workspace: Workspace, settings: ServiceSettings) -> None:
        self._workspace = workspace
        self._settings = settings
        self._sites = Sites(workspace)
        self._told: dict[str, float] = {}

    def run(
        self,
        stop: threading.Event,
        listening: Callable[[int], None],
        *,
        port: int | None = None,
        also: Callable[[], None] = lambda: None,
    ) -> None:
        """Answer until told to stop; `listening` is told the port. `port` is one that is shared; `also` is done
        every second.

        Raises RequestError, IntegrityError.
        """
        own, root = self._settings, self._workspace.root
        if own.certificate is None or own.key is None:
            raise RequestError(
                "the service has no certificate",
                "Name PEM files in [fleet.service] certificate and key; osquery speaks TLS alone.",
            )
        clients = None if own.clients is None else root / own.clients
        context = tls(root / own.certificate, root / own.key, clients)
        self._sites.look()
        host, named = place(own.listen)
        timeout = float(self._workspace.settings(os.environ).settings.store.lock_timeout)
        with ExitStack() as stack:
            stack.enter_context(_in_small_steps())
            state = stack.enter_context(State.open(self._workspace.state_url(os.environ), timeout))
            campaigning = Campaigning(state.fleet(), state.campaigns(), self._sites.site_of)
            desk = Desk(state.nodes(), campaigning, self._terms(), now=_now, tell=self._tell)
            desk.start()
            stack.callback(desk.stop)
            limits = Limits(
                own.node_rate,
                own.enrol_rate,
                bytes=own.node_bytes,
                bytes_at_once=AT_ONCE * own.largest,
            )
            gate = Gate(limits, time.monotonic)
            # Behind one translator a hostile host slows strangers: after a restart too its neighbours are none.
            gate.remember(state.nodes().keys(KNOWN))
            application = Application(
                desk,
                gate,
                Room(own.memory),
                pepper=pepper(self._workspace),
                largest=own.largest,
                site_of=self._sites.site_of,
            )
            serving = stack.enter_context(
                Serving(
                    application,
                    host,
                    named if port is None else port,
                    context,
                    connections=own.connections,
                    shared=own.workers > 1,
                    tell=lambda address, words: desk.note("no_room", words, address=address),
                )
            )
            if own.metrics and port is None:
                metrics = ServiceMetrics(state.nodes(), own.offline_minutes, now=_now)
                exposition = Exposition(metrics, own.metrics, "fleet.service.metrics")
                stack.callback(exposition.close)
            info("fleet service", listen=f"{host}:{serving.port}")
            listening(serving.port)
            while not stop.wait(LOOK):
                if not serving.alive or not desk.alive:
                    raise SekishoError("the service ended by itself")
                self._look()
                also()

    def _terms(self) -> Terms:
        own = self._settings
        content = configuration(interval=own.interval, check_in=own.check_in)
        return Terms(lambda: content, own.enrol_hour, own.two_hosts)

    def _look(self) -> None:
        try:
            self._sites.look()
        except SekishoError as error:
            # What the register said before it was broken holds on: enrolling goes on.
            self._tell("register", str(error))

    def _tell(self, event: str, words: str) -> None:
        now = time.monotonic()
        if now - self._told.get(event, float("-inf")) >= AGAIN:
            self._told[event] = now
            warning("fleet service", about=event, what=words)


@contextmanager
def _in_small_steps() -> Iterator[None]:
    """Each request leaves some cycles behind. Found 100,000 at a time, as suits short runs, all would wait for
    a quarter of a second; what is there before the first request is not looked at again."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_CYCLES)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _now() -> datetime:
    return datetime.now(UTC)
