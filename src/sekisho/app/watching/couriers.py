"""One thread for each sink: a receiver that is slow holds up nobody else, and never the judging."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sekisho.app.logging import logger
from sekisho.errors import SekishoError
from sekisho.state.alerts import AlertStore
from sekisho.watch.base import Sink
from sekisho.watch.delivering import deliver

LOOK_AGAIN = 1.0
"""Seconds after which what was put off is looked at again."""
LAST_WORD = 30.0
"""Seconds that a sink has to finish when the watch stops; what it did not take is in the outbox."""


class Couriers:
    """Carries what waits in the outbox to its sinks, until `close`."""

    def __init__(self, store: AlertStore, sinks: Sequence[Sink], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._sinks = sinks
        self._clock = clock
        self._wake = {sink.name: threading.Event() for sink in sinks}
        self._stop = threading.Event()
        self._delivered: Counter[str] = Counter()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to carry."""
        for sink in self._sinks:
            thread = threading.Thread(
                target=self._carry, args=(sink,), name=f"sink-{sink.name}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def wake(self) -> None:
        """Something new waits."""
        for event in self._wake.values():
            event.set()

    @property
    def delivered(self) -> Mapping[str, int]:
        """Messages that each sink took."""
        return dict(self._delivered)

    def deliver(self) -> None:
        """Once, without threads: what waits now."""
        for sink in self._sinks:
            self._delivered[sink.name] += deliver(self._store, sink, self._clock())

    def _carry(self, sink: Sink) -> None:
        wake = self._wake[sink.name]
        while True:
            stopping = self._stop.is_set()
            wake.clear()
            try:
                self._delivered[sink.name] += deliver(self._store, sink, self._clock())
            except SekishoError as error:
                logger().warning("outbox", sink=sink.name, reason=str(error))
            if stopping:
                return
            wake.wait(LOOK_AGAIN)

    def close(self) -> None:
        """Carry what waits once more, then let the sinks go."""
        self._stop.set()
        self.wake()
        for thread in self._threads:
            thread.join(LAST_WORD)
        for sink in self._sinks:
            sink.close()
