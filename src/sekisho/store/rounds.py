"""Rounds of judging in the embedded engine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sekisho.errors import SekishoError
from sekisho.store import cutting
from sekisho.store.contents import Contents, month_begin
from sekisho.store.engines.base import Engine
from sekisho.store.eras import Span
from sekisho.store.explaining import explained
from sekisho.store.queries import levels, months, reconciling, sources, verdicts
from sekisho.store.reconciled import Compared, Ends
from sekisho.store.shapes import DECISIONS, LABELS, conformed
from sekisho.store.snapshot import Damage
from sekisho.store.stage import pieces


class EmbeddedRounds:
    """See `sekisho.store.stage.Rounds`."""

    def __init__(self, engine: Engine, contents: Contents, begin: int, end: int) -> None:
        self._engine = engine
        self._contents = contents
        self._window = begin, end
        self._relations: list[str] = []
        self._current = ""
        self._blunted = 0
        self._alone: int | None = None
        engine.run(verdicts.NOTHING_LOOSE)

    @property
    def damage(self) -> Sequence[Damage]:
        """Files that are not whole."""
        return self._contents.damage

    @property
    def pruned(self) -> Sequence[int]:
        """Days whose raw flows are gone."""
        return self._contents.pruned

    def coarse(self) -> list[Span]:
        """Months and the other days, as they lie in the lake."""
        self._engine.run(f"CREATE OR REPLACE TEMP VIEW no_rows AS {cutting.no_rows(self._engine)}")
        relations = ["no_rows"]
        of_months, month_spans = self._contents.months()
        if of_months:
            relations.append(f"({months.rows_of_months(sources.parquet(of_months))})")
        days, day_spans = self._contents.other_days()
        if days:
            relations.append(f"({months.rows_of_days(sources.parquet(days))})")
        self._engine.run(levels.rows("coarse_rows", relations))
        self._go_on("coarse_rows")
        spans = month_spans + day_spans
        if len(spans) == 1:
            # What is looked at more closely leaves this level altogether.
            self._alone = spans[0].level
        return spans

    def days(self, begins: Sequence[int]) -> list[Span]:
        """Days of months, of what is loose in them."""
        paths, spans = self._days_of(begins)
        rows = levels.days_of_months(f"({months.rows_of_days(sources.parquet(paths))})")
        self._engine.run(f"CREATE OR REPLACE TEMP TABLE finer_rows AS {rows}")
        self._go_on("finer_rows")
        return spans

    def pieces(self, begins: Sequence[int], cuts: Sequence[int]) -> list[Span]:
        """Pieces of days, of what is loose in them."""
        spans = cutting.cut(self._engine, self._contents, begins, cuts)
        self._go_on(cutting.ROWS)
        return spans

    def blunt(self, cuts: Sequence[int]) -> list[Span]:
        """Loose rows of pruned days, for each piece of them."""
        days = self._contents.without_raw(self.loose(months.DAY_LEVEL))
        spans = [(day, span) for day in days for span in pieces(day, cuts)]
        if not spans:
            return []
        of_days = {
            "span": [day for day, _ in spans],
            "begin": [span.begin for _, span in spans],
            "stop": [span.stop for _, span in spans],
        }
        self._engine.register("blunt", pa.table(of_days))
        self._engine.run(levels.rows("stage_rows", self._relations))
        self._engine.run(levels.blunt("stage_rows"))
        self._current = levels.BLUNT
        return [span for _, span in spans]

    @property
    def blunted(self) -> int:
        """How many rows were judged as a whole."""
        return self._blunted

    def _go_on(self, relation: str) -> None:
        self._relations.append(relation)
        self._current = relation

    def addresses(self, spans: pa.Table) -> pa.Table:
        """Ends with their eras."""
        self._engine.register("spans", spans)
        return self._engine.fetch(levels.addresses(self._current))

    def label(self, labels: pa.Table) -> pa.Table:
        """Combinations under labels."""
        self._keep("labels", labels, LABELS)
        self._refuse(levels.TWICE_LABELLED, "addresses have two labels")
        self._engine.run(levels.labelled(self._current))
        self._refuse(levels.unlabelled(self._current), "rows have ends that were not labelled")
        return self._engine.fetch(levels.COMBINATIONS)

    def decide(self, decisions: pa.Table) -> None:
        """Judge what is settled; the rest is loose."""
        self._keep("decisions", decisions, DECISIONS)
        self._refuse(verdicts.OVERLAPPING, "decisions overlap with another one")
        if self._current == self._relations[0]:
            self._engine.run(verdicts.NOTHING_JUDGED)
        self._engine.run(verdicts.decided(*self._window))
        self._refuse(verdicts.undecided(*self._window), "rows were not decided")
        if self._current == levels.BLUNT:
            self._blunted = self._engine.fetch(verdicts.BLUNTED)["n"][0].as_py()
            self._engine.run(verdicts.STRICTEST)
            self._engine.run(verdicts.NO_LONGER_LOOSE)
            return
        self._engine.run(verdicts.KEPT)
        self._engine.run(verdicts.LOOSE)

    def loose(self, level: int) -> list[int]:
        """Spans with loose rows."""
        found: list[int] = self._engine.fetch(verdicts.loose_spans(level))["span"].to_pylist()
        return found

    def verdicts(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Totals, links, violations."""
        self._engine.run(levels.rows("stage_rows", self._relations))
        self._engine.run(verdicts.judged_connections(self._alone))
        connections = self._engine.fetch(verdicts.CONNECTION_TOTALS)
        flows = self._engine.fetch(verdicts.FLOW_TOTALS)
        self._engine.run(verdicts.VIOLATING)
        totals = connections.join(flows, "rank", join_type="full outer").sort_by("rank")
        return totals, self._engine.fetch(verdicts.LINKS), self._engine.fetch(verdicts.VIOLATIONS)

    def usage(self) -> pa.Table:
        """Combinations with their first and last flow."""
        return self._engine.fetch(levels.USAGE)

    def judged(self) -> pa.Table:
        """Every connection with its rank."""
        return self._engine.fetch(verdicts.JUDGED_ALL)

    def views(self, connections: pa.Table) -> pa.Table:
        """What each sensor saw of what is found."""
        return self._ask(connections, levels.views())

    def measures(self, connections: pa.Table) -> pa.Table:
        """Connections, found or not."""
        return self._ask(connections, verdicts.MEASURES)

    def every_view(self, connections: pa.Table) -> pa.Table:
        """What each sensor saw."""
        return self._ask(connections, levels.views("judged"))

    def of_services(self, services: Sequence[tuple[int, int]]) -> pa.Table:
        """Connections of services, by the classes of their ends."""
        return self._engine.fetch(verdicts.of_services(services))

    def sampled(self) -> list[str]:
        """Sensors that sampled."""
        found: list[str] = self._engine.fetch(reconciling.SAMPLED)["sensor"].to_pylist()
        return found

    def compare(self, ends: Ends, limit: int) -> Compared:
        """What either edge has of connections between two sites."""
        for name, table in ends.tables().items():
            self._engine.register(name, table)
        self._engine.run(reconciling.between())
        self._engine.run(reconciling.SIDED)
        begins = self._engine.fetch(reconciling.UNEVEN_MONTHS)["span"].to_pylist()
        if begins:
            paths, _ = self._days_of(begins)
            self._engine.run(reconciling.OF_MONTHS)
            self._engine.run(reconciling.NO_MONTHS)
            days = f"({months.rows_of_days(sources.parquet(paths))})"
            self._engine.run(reconciling.by_day(days))
        return explained(self._engine, ends, limit)

    def _days_of(self, begins: Sequence[int]) -> tuple[list[Path], list[Span]]:
        """Files and spans of the days of months; the table `month_days` says which month each is of."""
        paths, spans = self._contents.days_of(begins)
        days = [span.begin for span in spans]
        month = pa.table({"span": days, "month": [month_begin(day) for day in days]})
        self._engine.register("month_days", month)
        return paths, spans

    def _ask(self, connections: pa.Table, question: str) -> pa.Table:
        self._engine.register("asked", connections)
        try:
            return self._engine.fetch(question)
        finally:
            self._engine.forget("asked")

    def close(self) -> None:
        """Free the engine."""
        self._engine.close()

    def _keep(self, name: str, table: pa.Table, schema: pa.Schema) -> None:
        self._engine.register("given", conformed(table, schema))
        self._engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")
        self._engine.forget("given")

    def _refuse(self, question: str, what: str) -> None:
        count = self._engine.fetch(question)["n"][0].as_py()
        if count:
            raise SekishoError(f"{count} {what}")
