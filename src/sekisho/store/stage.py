"""An audit's window in the engine: addresses to label, combinations to decide, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import pyarrow as pa

from sekisho.errors import SekishoError
from sekisho.model.flows import TIME
from sekisho.store.engines.base import Engine
from sekisho.store.queries import staging, verdicts
from sekisho.store.snapshot import Damage

LABELS = pa.schema(
    [
        ("epoch", pa.int32()),
        ("realm", pa.string()),
        ("hi", pa.int64()),
        ("lo", pa.int64()),
        ("class", pa.int32()),
    ]
)
DECISIONS = pa.schema(
    [
        ("epoch", pa.int32()),
        ("src_class", pa.int32()),
        ("dst_class", pa.int32()),
        ("protocol", pa.int16()),
        ("port", pa.int32()),
        ("begin", TIME),
        ("end", TIME),
        ("rank", pa.int8()),
    ]
)
CONNECTIONS = pa.schema(
    [
        ("src_realm", pa.string()),
        ("src_hi", pa.int64()),
        ("src_lo", pa.int64()),
        ("dst_realm", pa.string()),
        ("dst_hi", pa.int64()),
        ("dst_lo", pa.int64()),
        ("protocol", pa.int16()),
        ("port", pa.int32()),
    ]
)
"""Keys of connections, as questions take them."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What came of judging. `rank` columns are `sekisho.model.verdicts.Rank`; times are UTC.

    `totals`: rank, connections, flows. `links`: src_class, dst_class, rank, connections, flows, bytes.
    `violations`: one row per connection whose worst rank is a finding's.
    """

    totals: pa.Table
    links: pa.Table
    violations: pa.Table


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The schema's columns, in its order and types. Raises KeyError where one is missing."""
    return table.select(schema.names).cast(schema)


class Stage:
    """One window's rows. Use as a context manager; the engine's memory is freed at its end."""

    def __init__(self, engine: Engine, begin: int, end: int, damage: tuple[Damage, ...] = ()) -> None:
        self._engine = engine
        self.begin = begin
        self.end = end
        """Microseconds."""
        self.damage = damage
        """Files that are not whole: what they held was not judged."""

    def addresses(self) -> pa.Table:
        """(epoch, realm, hi, lo) of every end, each once."""
        return self._engine.fetch(staging.ADDRESSES)

    def combinations(self, labels: pa.Table) -> pa.Table:
        """(epoch, src_class, dst_class, protocol, port), each once, of the rows under these labels.

        Raises SekishoError where an address has no label.
        """
        self._engine.register("given_labels", conformed(labels, LABELS))
        self._engine.run("CREATE OR REPLACE TEMP TABLE labels AS SELECT * FROM given_labels")
        self._engine.forget("given_labels")
        self._engine.run(staging.LABELLED)
        missing = self._engine.fetch(
            f"SELECT (SELECT count(*) FROM stage_rows WHERE {staging.COUNTED})"
            " - (SELECT count(*) FROM labelled) AS n"
        )["n"][0].as_py()
        if missing:
            raise SekishoError(f"{missing} rows have ends that were not labelled exactly once")
        return self._engine.fetch(staging.COMBINATIONS)

    def usage(self) -> pa.Table:
        """(epoch, src_class, dst_class, protocol, port, first, last) of the rows that `combinations`
        labelled: between which flows each combination was seen.
        """
        return self._engine.fetch(staging.USAGE)

    def verdicts(self, decisions: pa.Table) -> Verdicts:
        """Judge every row; `combinations` comes first. `begin` and `end` of a decision may be null.

        Raises SekishoError where decisions do not cover every row exactly once.
        """
        self._engine.register("given_decisions", conformed(decisions, DECISIONS))
        self._engine.run("CREATE OR REPLACE TEMP TABLE decisions AS SELECT * FROM given_decisions")
        self._engine.forget("given_decisions")
        self._engine.run(verdicts.JUDGED)
        missing = self._engine.fetch(verdicts.UNDECIDED)["n"][0].as_py()
        if missing:
            raise SekishoError(f"{missing} rows were not decided exactly once")
        self._engine.run(verdicts.JUDGED_CONNECTIONS)
        connections = self._engine.fetch(verdicts.CONNECTION_TOTALS)
        flows = self._engine.fetch(verdicts.FLOW_TOTALS)
        self._engine.run(verdicts.VIOLATING)
        return Verdicts(
            totals=connections.join(flows, "rank", join_type="full outer").sort_by("rank"),
            links=self._engine.fetch(verdicts.LINKS),
            violations=self._engine.fetch(verdicts.VIOLATIONS),
        )

    def judged(self) -> pa.Table:
        """Every connection as `verdicts` judged it: keys, rank, flows, first, last."""
        return self._engine.fetch(verdicts.JUDGED_ALL)

    def views(self, connections: pa.Table) -> pa.Table:
        """Per connection (`connections` holds keys) and sensor what it saw of the violating rows.

        After `verdicts`. Keys, sensor, flows, established, first, last, first_established, by the
        sensor's own uncorrected clock.
        """
        self._engine.register("asked", conformed(connections, CONNECTIONS))
        try:
            return self._engine.fetch(staging.views())
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


def pieces(begin: int, end: int, cuts: Sequence[int], day_length: int) -> dict[int, list[int]]:
    """The days of [begin, end) that must be split, with the cuts inside each. Microseconds."""
    split: dict[int, list[int]] = {}
    for cut in sorted({begin, end, *(cut for cut in cuts if begin < cut < end)}):
        if cut % day_length:
            split.setdefault(cut // day_length, []).append(cut)
    return split
