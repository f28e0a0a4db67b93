"""What was lost on the way, by the numbers that exporters give their datagrams.

v5 counts flows, IPFIX data records, both before the message (RFC 7011, 3.1); v9 counts datagrams
(RFC 3954, 5.1). All wrap at 2**32. softflowd 1.1 numbers its IPFIX otherwise: with the message's own
flows in it, and without options records. An exporter that does so shows when its messages differ in size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sekisho.sources.netflow.datagrams import Ints

JUMP = 10_000_000
"""A gap over this is an exporter that began again, not a loss."""
LATE = 100_000
"""A number at most this far back is a datagram that came late or twice; further back a new beginning."""
_WRAP = 1 << 32
_HALF = 1 << 31


@dataclass(slots=True)
class Sequence:
    """Accounting of one exporter and domain.

    `received` and `lost` count in the unit of its version; `late` and `restarts` count datagrams. `own` is
    whether numbers count the message's own flows, None while nothing tells; `last` is the last number.
    """

    expected: int | None = None
    received: int = 0
    lost: int = 0
    late: int = 0
    restarts: int = 0
    own: bool | None = None
    last: int | None = None

    def take(
        self, numbers: Ints, units: Ints, known: npt.NDArray[np.bool_], flows: Ints | None = None
    ) -> None:
        """Datagrams in the order in which they came: their numbers and how many units each holds.

        Where a datagram's units are not `known` the gap after it is not counted. `flows` are units without
        options records, where the exporter may count otherwise than it should.
        """
        if not len(numbers):
            return
        self.received += int(units.sum())
        if flows is not None:
            if self.own is None:
                self._weigh(numbers, units, flows, known)
            self.last = int(numbers[-1])
            if self.own:
                self._take_own(numbers, flows, known)
                return
        if known.all() and self._smooth(numbers, units):
            return
        for number, held, sure in zip(numbers.tolist(), units.tolist(), known.tolist(), strict=True):
            self._one(number, held, sure=sure)

    def _weigh(self, numbers: Ints, units: Ints, flows: Ints, known: npt.NDArray[np.bool_]) -> None:
        """Which way of counting explains these numbers with fewer gaps."""
        steps, sure = np.diff(numbers), known[:-1] & known[1:]
        should = np.count_nonzero(((steps - units[:-1]) % _WRAP != 0) & sure)
        does = np.count_nonzero(((steps - flows[1:]) % _WRAP != 0) & sure)
        first = int(numbers[0])
        if self.expected is not None and self.last is not None and known[0]:
            should += first != self.expected
            does += (first - self.last - int(flows[0])) % _WRAP != 0
        if should != does:
            self.own = bool(does < should)
            if self.own:
                self.expected = self.last

    def _take_own(self, numbers: Ints, flows: Ints, known: npt.NDArray[np.bool_]) -> None:
        before = (numbers - flows) % _WRAP
        if known.all() and self._smooth(before, flows):
            return
        each = zip(before.tolist(), flows.tolist(), numbers.tolist(), known.tolist(), strict=True)
        for number, held, after, sure in each:
            if sure:
                self._one(number, held, sure=True)
            else:
                self.expected = after

    def _smooth(self, numbers: Ints, units: Ints) -> bool:
        """Whether all follow each other without a gap; then that is all there is to do."""
        following = (numbers + units) % _WRAP
        if self.expected is not None and self.expected != int(numbers[0]):
            return False
        if not np.array_equal(following[:-1], numbers[1:]):
            return False
        self.expected = int(following[-1])
        return True

    def _one(self, number: int, units: int, *, sure: bool) -> None:
        following = (number + units) % _WRAP if sure else None
        if self.expected is None:
            self.expected = following
            return
        gap = (number - self.expected + _HALF) % _WRAP - _HALF
        if 0 <= gap <= JUMP:
            self.lost += gap
        elif -LATE <= gap < 0:
            self.late += 1
            # What was counted as lost came after all; a copy of what had come is no gain.
            self.lost -= min(units, self.lost)
            return
        else:
            self.restarts += 1
        self.expected = following
