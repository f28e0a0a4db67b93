"""How often one certificate may ask: a bucket of requests each, and a count of those that found it empty."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

BURST = 2.0
"""Seconds' worth of requests that may come at once."""
KEPT = 0.25
"""Part of a bucket that the late lane leaves: what is recorded now does not wait for what was."""
MOST = 10_000
"""Certificates that are told apart; the one that asked longest ago is forgotten first."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Rates:
    """At most `rate` requests a second of each certificate, `most` of which are told apart; `full` may come at
    once, two seconds' worth if not said. `monotonic` in seconds. Safe between threads."""

    def __init__(
        self,
        rate: float,
        monotonic: Callable[[], float],
        most: int = MOST,
        full: float | None = None,
    ) -> None:
        self._rate = rate
        self._most = most
        self._full = max(1.0, rate * BURST if full is None else full)
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, fingerprint: str, *, late: bool = False, cost: float = 1.0) -> float:
        """0 where one more request, or one of that cost, may be answered, else the seconds until one may."""
        with self._lock:
            now = self._monotonic()
            bucket = self._buckets.pop(fingerprint, None) or _Bucket(self._full, now)
            self._buckets[fingerprint] = bucket
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
            bucket.tokens = min(self._full, bucket.tokens + (now - bucket.at) * self._rate)
            bucket.at = now
            needed = cost + (KEPT * (self._full - 1.0) if late else 0.0)
            if bucket.tokens < needed:
                return (needed - bucket.tokens) / self._rate
            bucket.tokens -= cost
            return 0.0

    def refused(self, collector: str) -> None:
        """Count a request of a collector that was not answered; '' where nobody knows whose it was."""
        with self._lock:
            self._refused[collector] += 1

    def counted(self) -> dict[str, int]:
        """What was refused and is not settled yet, by collector."""
        with self._lock:
            return dict(self._refused)

    def settled(self, counts: Mapping[str, int]) -> None:
        """So many are noted elsewhere, and are counted here no more."""
        with self._lock:
            self._refused -= Counter(counts)
