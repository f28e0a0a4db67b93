"""What a listener could not take, written among the records, so that it is known when it was."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np

from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.reading import Records


@dataclass(frozen=True, slots=True)
class Drop:
    """Between `since` and `until` (microseconds UTC) a listener lost this many datagrams or messages.

    `queue` were dropped by the system because its receive queue was full, `disk` by the receiver because
    the disk was full or too slow. Nobody knows whose the first were; each of the listener's exporters may
    have lost some. `listener` is its name, such as `udp://0.0.0.0:2055`.
    """

    listener: str
    since: int
    until: int
    queue: int
    disk: int

    @property
    def payload(self) -> bytes:
        """As a record holds it."""
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def of(cls, payload: bytes) -> Drop:
        """From a record. Raises ValueError."""
        try:
            value = json.loads(payload)
            drop = cls(**value)
        except (TypeError, RecursionError) as error:
            raise ValueError(f"not a note of drops: {error}") from error
        numbers = (drop.since, drop.until, drop.queue, drop.disk)
        if type(drop.listener) is not str or any(type(n) is not int or n < 0 for n in numbers):
            raise ValueError("not a note of drops: a value has the wrong type")
        return drop


def drops(records: Records) -> list[Drop]:
    """All that a block tells. Raises ValueError where a note is none of ours."""
    found = np.flatnonzero(records.kinds == Kind.DROPPED)
    return [Drop.of(records.payload(int(index))) for index in found]
