"""An audit's window in the engine, judged in rounds: months, then days, then pieces of days.

A row is judged as a whole where nothing changes between its first flow and its last. Where the register,
the inventory or the window does, the days of that month are looked at, and where it changes within a
day, that day's raw flows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import TracebackType
from typing import Protocol, Self

import pyarrow as pa

from sekisho.errors import SekishoError
from sekisho.store.base import Register, microseconds
from sekisho.store.engines.base import Engine
from sekisho.store.eras import Eras, Span, eras, labels
from sekisho.store.queries import levels, months, verdicts
from sekisho.store.queries.columns import DAY
from sekisho.store.shapes import CONNECTIONS, DECISIONS, LABELS, conformed
from sekisho.store.snapshot import Damage


class Rows(Protocol):
    """Where a window's rows come from. Each makes a relation in the engine and gives its name."""

    damage: list[Damage]
    pruned: Sequence[int]
    """Days (numbers) of the window whose raw flows are gone."""

    def coarse(self) -> tuple[str, list[Span]]:
        """Months that lie wholly in the window, and the other days of it."""
        ...

    def days(self, months: Sequence[int]) -> tuple[str, list[Span]]:
        """The days of months (their begins, microseconds) of the connections in the table `loose`."""
        ...

    def pieces(self, days: Sequence[int], cuts: Sequence[int]) -> tuple[str, list[Span]]:
        """Days (their begins) cut where something changes, of the connections in `loose`."""
        ...

    def blunt(self, days: Sequence[int]) -> list[int]:
        """Those of the days (their begins) whose raw flows are gone."""
        ...


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


class Stage:
    """One window's rows. Use as a context manager; the engine's memory is freed at its end."""

    def __init__(self, engine: Engine, rows: Rows, begin: int, end: int) -> None:
        self._engine = engine
        self._rows = rows
        self.begin = begin
        self.end = end
        """Microseconds."""
        self._relations: list[str] = []

    @property
    def damage(self) -> tuple[Damage, ...]:
        """Files that are not whole: what they held was not judged."""
        return tuple(self._rows.damage)

    @property
    def pruned(self) -> Sequence[int]:
        """Days (numbers) of the window whose raw flows were given up: they are judged by roll-ups alone."""
        return self._rows.pruned

    def judge(self, register: Register) -> Verdicts:
        """Judge every row. Raises SekishoError where labels or decisions do not cover each exactly once."""
        blunt = 0
        for relation, spans in self._rounds(register):
            self._relations.append(relation)
            self._round(
                relation,
                eras(spans, [microseconds(at) for at in register.epochs]),
                register,
                first=len(self._relations) == 1,
            )
            blunt += self._judge_blunt()
        self._engine.run(levels.rows("stage_rows", self._relations))
        self._engine.run(verdicts.JUDGED_CONNECTIONS)
        connections = self._engine.fetch(verdicts.CONNECTION_TOTALS)
        flows = self._engine.fetch(verdicts.FLOW_TOTALS)
        self._engine.run(verdicts.VIOLATING)
        return Verdicts(
            totals=connections.join(flows, "rank", join_type="full outer").sort_by("rank"),
            links=self._engine.fetch(verdicts.LINKS),
            violations=self._engine.fetch(verdicts.VIOLATIONS),
            blunt=blunt,
        )

    def _rounds(self, register: Register) -> Iterator[tuple[str, list[Span]]]:
        yield self._rows.coarse()
        self._engine.run("CREATE OR REPLACE TEMP TABLE loose_days AS SELECT * FROM loose")
        of_level = self._loose()
        if of_level[months.MONTH_LEVEL]:
            yield self._rows.days(of_level[months.MONTH_LEVEL])
            self._engine.run("INSERT INTO loose_days SELECT * FROM loose")
            self._engine.run("CREATE OR REPLACE TEMP TABLE loose AS SELECT * FROM loose_days")
        days = self._loose()[months.DAY_LEVEL]
        cuts = [*(microseconds(at) for at in register.cuts), self.begin, self.end]
        if days:
            yield self._rows.pieces(days, cuts)

    def _loose(self) -> dict[int, list[int]]:
        """Spans with loose rows, by level."""
        found: dict[int, list[int]] = defaultdict(list)
        table = self._engine.fetch("SELECT DISTINCT level, span FROM loose ORDER BY level, span")
        for row in table.to_pylist():
            found[row["level"]].append(row["span"])
        return found

    def _round(self, relation: str, found: Eras, register: Register, *, first: bool) -> None:
        self._engine.register("spans", found.spans)
        given = labels(self._engine.fetch(levels.addresses(relation)), found, register.label)
        self._keep("labels", given, LABELS)
        self._refuse(levels.TWICE_LABELLED, "addresses have two labels")
        self._engine.run(levels.labelled(relation))
        self._refuse(levels.unlabelled(relation), "rows have ends that were not labelled")
        decisions = register.decide(self._engine.fetch(levels.COMBINATIONS))
        self._keep("decisions", decisions, DECISIONS)
        self._refuse(verdicts.OVERLAPPING, "decisions overlap with another one")
        if first:
            self._engine.run(verdicts.NOTHING_JUDGED)
        self._engine.run(verdicts.decided(self.begin, self.end))
        self._refuse(verdicts.undecided(self.begin, self.end), "rows were not decided")
        self._engine.run(verdicts.KEPT)
        self._engine.run(verdicts.LOOSE)

    def _judge_blunt(self) -> int:
        """Judge loose rows of days whose raw flows are gone; they are loose no longer."""
        days = self._rows.blunt(self._loose()[months.DAY_LEVEL])
        if not days:
            return 0
        self._engine.register("blunt", pa.table({"span": pa.array(days, pa.int64())}))
        count: int = self._engine.fetch(verdicts.BLUNT)["n"][0].as_py()
        self._engine.run(verdicts.STRICTEST)
        self._engine.run(verdicts.NO_LONGER_LOOSE)
        return count

    def _keep(self, name: str, table: pa.Table, schema: pa.Schema) -> None:
        self._engine.register("given", conformed(table, schema))
        self._engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
        self._engine.forget("given")

    def _refuse(self, question: str, what: str) -> None:
        count = self._engine.fetch(question)["n"][0].as_py()
        if count:
            raise SekishoError(f"{count} {what}")

    def usage(self) -> pa.Table:
        """(src_class, dst_class, protocol, port, first, last) of the rows that were judged: between which
        flows each combination was seen.
        """
        return self._engine.fetch(levels.USAGE)

    def judged(self) -> pa.Table:
        """Every connection as `judge` judged it: keys, rank, flows, first, last."""
        return self._engine.fetch(verdicts.JUDGED_ALL)

    def views(self, connections: pa.Table) -> pa.Table:
        """Per connection (`connections` holds keys) and sensor what it saw of the violating rows.

        After `judge`. Keys, sensor, flows, established, first, last, first_established, by the sensor's
        own uncorrected clock.
        """
        self._engine.register("asked", conformed(connections, CONNECTIONS))
        try:
            return self._engine.fetch(levels.views())
        finally:
            self._engine.forget("asked")

    def close(self) -> None:
        """Free the engine."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def pieces(day: int, cuts: Sequence[int]) -> list[Span]:
    """The pieces of the day that begins at `day`, cut where `cuts` lie in it. Microseconds."""
    edges = [day, *sorted({cut for cut in cuts if day < cut < day + DAY}), day + DAY]
    return [Span(months.PIECE_LEVEL, begin, stop) for begin, stop in pairwise(edges)]
