"""An audit's window, judged in rounds: months, then days, then pieces of days.

A row is judged as a whole where nothing changes between its first flow and its last. Where the register,
the inventory or the window does, the days of that month are looked at, and where it changes within a
day, that day's raw flows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from sekisho.store.base import Register, microseconds
from sekisho.store.eras import Span, eras, labels
from sekisho.store.queries.columns import DAY
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL, PIECE_LEVEL
from sekisho.store.reconciled import Compared, Ends
from sekisho.store.shapes import CONNECTIONS, conformed
from sekisho.store.snapshot import Damage


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What came of judging. `rank` columns are `sekisho.model.verdicts.Rank`; times are UTC.

    `totals`: rank, connections, flows. `links`: src_class, dst_class, rank, connections, flows, bytes.
    `violations`: one row per connection whose worst rank is a finding's. `blunt` connection-days could
    only be judged as a whole, by the strictest decision of their time, since raw flows are gone.
    """

    totals: pa.Table
    links: pa.Table
    violations: pa.Table
    blunt: int = 0


class Rounds(Protocol):
    """What an engine does for a window. Each round is about the rows that `coarse`, `days`, `blunt` or
    `pieces` made last: they are labelled, then decided. All times are microseconds.
    """

    @property
    def damage(self) -> Sequence[Damage]:
        """Files that are not whole."""
        ...

    @property
    def pruned(self) -> Sequence[int]:
        """Days (numbers) of the window whose raw flows are gone."""
        ...

    def coarse(self) -> list[Span]:
        """Begin with the months that lie wholly in the window, and its other days."""
        ...

    def days(self, months: Sequence[int]) -> list[Span]:
        """Go on with the days of months (their begins), of the connections that are loose there."""
        ...

    def pieces(self, days: Sequence[int], cuts: Sequence[int]) -> list[Span]:
        """Go on with days (their begins) cut where something changes, of what is loose there."""
        ...

    def addresses(self, spans: pa.Table) -> pa.Table:
        """(era, realm, hi, lo) of every end of the round's rows; `spans` is SPANS."""
        ...

    def label(self, labels: pa.Table) -> pa.Table:
        """(src_class, dst_class, protocol, port), each once, of the rows under LABELS.

        Raises SekishoError where an address has no label or two.
        """
        ...

    def decide(self, decisions: pa.Table) -> None:
        """Judge by DECISIONS the rows within which nothing changes; the others are loose.

        Raises SekishoError where decisions do not cover each row exactly once.
        """
        ...

    def loose(self, level: int) -> list[int]:
        """Begins of the spans of a level in which rows are loose."""
        ...

    def blunt(self, cuts: Sequence[int]) -> list[Span]:
        """Go on with what is loose on pruned days: each row once for every piece of its day in which it
        may have flows. `decide` then judges it as a whole, by the strictest; it is loose no longer.
        """
        ...

    @property
    def blunted(self) -> int:
        """How many rows were judged so."""
        ...

    def verdicts(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Totals, links and violations of all rounds."""
        ...

    def usage(self) -> pa.Table:
        """See `Stage.usage`."""
        ...

    def judged(self) -> pa.Table:
        """See `Stage.judged`."""
        ...

    def views(self, connections: pa.Table) -> pa.Table:
        """See `Stage.views`."""
        ...

    def measures(self, connections: pa.Table) -> pa.Table:
        """See `Stage.measures`."""
        ...

    def of_services(self, services: Sequence[tuple[int, int]]) -> pa.Table:
        """See `Stage.of_services`."""
        ...

    def sampled(self) -> list[str]:
        """See `Stage.sampled`."""
        ...

    def compare(self, ends: Ends, limit: int) -> Compared:
        """See `Stage.compare`."""
        ...

    def every_view(self, connections: pa.Table) -> pa.Table:
        """See `Stage.every_view`."""
        ...

    def close(self) -> None:
        """Free the engine."""
        ...


class Stage:
    """One window. Use as a context manager; what the engine holds is freed at its end."""

    def __init__(self, rounds: Rounds, begin: int, end: int) -> None:
        self._rounds = rounds
        self.begin = begin
        self.end = end
        """Microseconds."""

    @property
    def damage(self) -> Sequence[Damage]:
        """Files that are not whole: what they held was not judged."""
        return tuple(self._rounds.damage)

    @property
    def pruned(self) -> Sequence[int]:
        """Days (numbers) of the window whose raw flows were given up: they are judged by roll-ups alone."""
        return self._rounds.pruned

    def judge(self, register: Register) -> Verdicts:
        """Judge every row. Raises SekishoError where labels or decisions do not cover each exactly once."""
        epochs = [microseconds(at) for at in register.epochs]
        for spans in self._ever_closer(register):
            found = eras(spans, epochs)
            given = labels(self._rounds.addresses(found.spans), found, register.label)
            self._rounds.decide(register.decide(self._rounds.label(given)))
        return Verdicts(*self._rounds.verdicts(), blunt=self._rounds.blunted)

    def _ever_closer(self, register: Register) -> Iterator[list[Span]]:
        yield self._rounds.coarse()
        months = self._rounds.loose(MONTH_LEVEL)
        if months:
            yield self._rounds.days(months)
        cuts = [*(microseconds(at) for at in register.cuts), self.begin, self.end]
        blunt = self._rounds.blunt(cuts)
        if blunt:
            yield blunt
        days = self._rounds.loose(DAY_LEVEL)
        if days:
            yield self._rounds.pieces(days, cuts)

    def usage(self) -> pa.Table:
        """(src_class, dst_class, protocol, port, first, last) of the rows that were judged: between which
        flows each combination was seen.
        """
        return self._rounds.usage()

    def judged(self) -> pa.Table:
        """Every connection as `judge` judged it: keys, rank, flows, first, last."""
        return self._rounds.judged()

    def views(self, connections: pa.Table) -> pa.Table:
        """Per connection (`connections` holds keys) and sensor what it saw of the violating rows.

        After `judge`. Keys, sensor, flows, established, first, last, first_established, by the sensor's
        own uncorrected clock.
        """
        return self._rounds.views(conformed(connections, CONNECTIONS))

    def measures(self, connections: pa.Table) -> pa.Table:
        """Columns of `Verdicts.violations` for each connection (`connections` holds keys), whatever its
        rank, of all its rows in the window. After `judge`."""
        return self._rounds.measures(conformed(connections, CONNECTIONS))

    def of_services(self, services: Sequence[tuple[int, int]]) -> pa.Table:
        """Connections of services (protocol, port; one at least) by the classes of their ends: src_class,
        dst_class, protocol, port, connections, flows, bytes. After `judge`."""
        return self._rounds.of_services(services)

    def sampled(self) -> list[str]:
        """Sensors that say that they sampled, by name."""
        return self._rounds.sampled()

    def compare(self, ends: Ends, limit: int = 20_000) -> Compared:
        """What the edges of both sites have of each connection-day between them. After `judge`.

        At most `limit` of those that differ without an explanation are given one by one.
        """
        return self._rounds.compare(ends, limit)

    def every_view(self, connections: pa.Table) -> pa.Table:
        """As `views`, of all rows of the window, whatever their rank."""
        return self._rounds.every_view(conformed(connections, CONNECTIONS))

    def close(self) -> None:
        """Free the engine."""
        self._rounds.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def pieces(day: int, cuts: Sequence[int]) -> list[Span]:
    """The pieces of the day that begins at `day`, cut where `cuts` lie in it. Microseconds."""
    edges = [day, *sorted({cut for cut in cuts if day < cut < day + DAY}), day + DAY]
    return [Span(PIECE_LEVEL, begin, stop) for begin, stop in pairwise(edges)]
