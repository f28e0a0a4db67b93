"""What is done beside collecting: small files merged, roll-ups brought up to date, old segments let go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sekisho.errors import SekishoError
from sekisho.store.lake import Lake

EVERY = 5.0
"""Seconds between two looks."""


class Upkeep:
    """A thread with a lake of its own. `idle` says whether there is time for a roll-up.

    Errors do not end it: `trouble` says what went wrong last, until it goes well again.
    """

    def __init__(
        self,
        open_lake: Callable[[], Lake],
        refresh: Callable[[Lake], None],
        tend: Callable[[datetime], None],
        *,
        refresh_seconds: float,
        idle: Callable[[], bool],
    ) -> None:
        self._open = open_lake
        self._refresh = refresh
        self._tend = tend
        self._every = refresh_seconds
        self._idle = idle
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._refreshed = time.monotonic()
        self.trouble = ""
        self.merged = 0
        self.refreshes = 0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float = 60.0) -> None:
        """End after what is being done; what is cut off by the end of the process is done again later."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def turn(self, lake: Lake) -> None:
        """One round. Raises SekishoError, OSError."""
        self.merged += lake.tidy(self._stop.is_set)
        self._tend(datetime.now(UTC))
        due = self._every and time.monotonic() - self._refreshed >= self._every
        if due and self._idle() and not self._stop.is_set():
            self._refresh(lake)
            self.refreshes += 1
            self._refreshed = time.monotonic()

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                with self._open() as lake:
                    self.turn(lake)
                self.trouble = ""
            except (SekishoError, OSError) as error:
                self.trouble = str(error)
            except Exception as error:  # noqa: BLE001 - collecting goes on, and the status says it
                self.trouble = f"internal error in the upkeep: {type(error).__name__}: {error}"
