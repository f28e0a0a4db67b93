"""How long to wait: after a failure, and so that a returning site does not fill its line."""

from __future__ import annotations

import threading
from collections.abc import Callable

FIRST, LONGEST = 0.5, 60.0
"""Seconds before the second try and the most between any two: back within a minute of the line."""
BURST = 0.25
"""Seconds' worth of bytes that may go at once."""


class Backoff:
    """Doubles from `FIRST` to `LONGEST`, each time a random part of it, so that sites do not come at once.

    `random` gives numbers from 0 up to 1.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        self._random = random
        self._failures = 0

    def failed(self, at_least: float = 0.0) -> float:
        """Seconds to wait after one more failure, no less than the other end asked for."""
        ceiling = min(LONGEST, FIRST * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return max(min(at_least, LONGEST), ceiling * (0.5 + self._random() / 2))

    def worked(self) -> None:
        """Begin again at the shortest."""
        self._failures = 0


class Pace:
    """At most `rate` bytes a second over all who ask; None is without a bound. Safe between threads."""

    def __init__(self, rate: int | None, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._free_at = clock() - BURST
        self._lock = threading.Lock()

    def take(self, size: int) -> float:
        """Seconds to wait before `size` more bytes may go."""
        if self._rate is None:
            return 0.0
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now - BURST) + size / self._rate
            return max(0.0, self._free_at - now)
