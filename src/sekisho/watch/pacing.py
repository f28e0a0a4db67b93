"""Questions to the whole history are put no more often than they may cost: what waits is asked together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

REST = 10.0
"""How many times as long as a question took none is put; a third of that where `urgent`."""


class Pace:
    """Keeps questions apart. `steady` is a clock, in seconds."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._over = float("-inf")
        self._took = 0.0

    def ready(self, *, urgent: bool = False) -> bool:
        """Whether a question may be put."""
        rest = REST / 3 if urgent else REST
        return self._steady() >= self._over + rest * self._took

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Around a question."""
        begun = self._steady()
        yield
        self._over = self._steady()
        self._took = self._over - begun
