"""Rounds of judging on an engine that takes the portable questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.errors import SekishoError
from sekisho.store import cutting
from sekisho.store.contents import Contents, month_begin
from sekisho.store.engines.base import Engine
from sekisho.store.engines.portable import PortableEngine
from sekisho.store.eras import Span
from sekisho.store.explaining import explained
from sekisho.store.layout import new_run
from sekisho.store.queries import levels
from sekisho.store.queries import verdicts as sql
from sekisho.store.queries.months import DAY_LEVEL, MONTH_LEVEL
from sekisho.store.questions import decisions as decide
from sekisho.store.questions import ends, reconciling, rows, verdicts
from sekisho.store.reconciled import BETWEEN_ENDS, Compared, Ends, added
from sekisho.store.shapes import (
    BLUNT,
    CONNECTION_DAYS,
    CONNECTION_MONTHS,
    DECISIONS,
    LABELS,
    ROWS,
    SPANS,
    conformed,
)
from sekisho.store.snapshot import Damage
from sekisho.store.stage import pieces

if TYPE_CHECKING:
    import ibis.expr.types as ir

_MONTH_DAYS = pa.schema([("span", pa.int64()), ("month", pa.int64())])


class PortableRounds:
    """See `sekisho.store.stage.Rounds`.

    Roll-ups are read and judged where the engine is; labels and decisions are shipped to it. Pieces of
    days are cut by the embedded engine `local` from the raw flows of what is loose there, and shipped.
    """

    def __init__(
        self, engine: PortableEngine, local: Engine, contents: Contents, begin: int, end: int
    ) -> None:
        self._engine = engine
        self._local = local
        self._contents = contents
        self._window = begin, end
        self._prefix = f"w{new_run()}_"
        self._made: list[ir.Table] = []
        self._rows: list[ir.Table] = []
        self._judged: list[ir.Table] = []
        self._decided: list[ir.Table] = []
        self._loose: dict[tuple[int, int], int] = {}
        self._blunted = 0
        self._blunt: ir.Table | None = None
        self._current = self._spans = self._labelled = self._connections = None

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
        of_months, month_spans = self._contents.months()
        of_days, day_spans = self._contents.other_days()
        parts = []
        if of_months:
            parts.append(rows.rows_of_months(self._parquet(of_months, CONNECTION_MONTHS)))
        if of_days or not of_months:
            parts.append(rows.rows_of_days(self._parquet(of_days, CONNECTION_DAYS)))
        self._go_on(rows.together(*parts))
        return month_spans + day_spans

    def days(self, begins: Sequence[int]) -> list[Span]:
        """Days of months, of what is loose in them."""
        paths, spans = self._contents.days_of(begins)
        days = [span.begin for span in spans]
        month = pa.table([days, [month_begin(day) for day in days]], schema=_MONTH_DAYS)
        question = rows.days_of_months(
            rows.rows_of_days(self._parquet(paths, CONNECTION_DAYS)),
            self._ship("month_days", month),
            self._all_loose(),
        )
        self._go_on(self._keep("finer_rows", question))
        return spans

    def pieces(self, begins: Sequence[int], cuts: Sequence[int]) -> list[Span]:
        """Pieces of days, of what is loose in them; cut here, and shipped."""
        found = self._all_loose()
        found = found.filter((found["level"] == DAY_LEVEL) & found["span"].isin(list(begins)))
        self._local.register("loose", self._engine.fetch(found))
        spans = cutting.cut(self._local, self._contents, begins, cuts)
        cut = self._local.fetch(f"SELECT * FROM {cutting.ROWS}")
        self._go_on(self._ship("finest_rows", conformed(cut, ROWS)))
        return spans

    def addresses(self, spans: pa.Table) -> pa.Table:
        """Ends with their eras."""
        self._spans = self._ship("spans", conformed(spans, SPANS))
        return self._engine.fetch(ends.addresses(self._current, self._spans))

    def label(self, labels: pa.Table) -> pa.Table:
        """Combinations under labels."""
        labels = conformed(labels, LABELS)
        self._refuse_here("labels", labels, levels.TWICE_LABELLED, "addresses have two labels")
        question = ends.labelled(
            self._current, self._spans, self._ship("labels", labels), self._engine.functions
        )
        self._labelled = self._keep("labelled", question)
        self._refuse(
            ends.unlabelled(self._current, self._labelled), "rows have ends that were not labelled"
        )
        return self._engine.fetch(ends.combinations(self._labelled))

    def decide(self, decisions: pa.Table) -> None:
        """Judge what is settled; the rest is loose."""
        given, functions = conformed(decisions, DECISIONS), self._engine.functions
        self._refuse_here("decisions", given, sql.OVERLAPPING, "decisions overlap with another one")
        shipped = self._ship("decisions", given)
        decided = self._keep(
            "decided", decide.decided(self._labelled, shipped, self._window, functions)
        )
        self._refuse(
            decide.undecided(self._labelled, decided, self._window, functions), "rows were not decided"
        )
        if self._blunt is not None:
            self._judge_bluntly(decided, self._blunt)
            return
        self._decided.append(decided)
        self._judged.append(decide.kept(decided))
        for row in self._engine.fetch(decide.loose_spans(decided)).to_pylist():
            self._loose[row["level"], row["span"]] = row["n"]

    def _judge_bluntly(self, decided: ir.Table, blunt: ir.Table) -> None:
        self._judged.append(decide.strictest(rows.together(*self._rows), decided, blunt))
        count = self._engine.fetch(decide.blunted(self._current, blunt))
        self._blunted = count["n"][0].as_py()
        for day in self._contents.without_raw(self.loose(DAY_LEVEL)):
            del self._loose[DAY_LEVEL, day]
        self._blunt = None

    def loose(self, level: int) -> list[int]:
        """Spans with loose rows."""
        return sorted(span for of, span in self._loose if of == level)

    def blunt(self, cuts: Sequence[int]) -> list[Span]:
        """Loose rows of pruned days, for each piece of them."""
        days = self._contents.without_raw(self.loose(DAY_LEVEL))
        spans = [(day, span) for day in days for span in pieces(day, cuts)]
        if not spans:
            return []
        of = [[day, span.begin, span.stop] for day, span in spans]
        self._blunt = self._ship("blunt", pa.table(list(zip(*of, strict=True)), schema=BLUNT))
        self._current = rows.blunt(
            rows.together(*self._rows), self._blunt, self._all_loose(), self._engine.functions
        )
        return [span for _, span in spans]

    @property
    def blunted(self) -> int:
        """How many rows were judged as a whole."""
        return self._blunted

    def verdicts(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Totals, links, violations."""
        judged, functions = rows.together(*self._judged), self._engine.functions
        self._connections = self._keep("connections", verdicts.judged_connections(judged, functions))
        connections = self._engine.fetch(verdicts.connection_totals(self._connections))
        flows = self._engine.fetch(verdicts.flow_totals(judged))
        totals = connections.join(flows, "rank", join_type="full outer").sort_by("rank")
        links = self._engine.fetch(verdicts.links(self._connections))
        found = verdicts.violations(rows.together(*self._rows), judged, functions)
        return totals, links, self._engine.fetch(found)

    def usage(self) -> pa.Table:
        """Combinations with their first and last flow."""
        return self._engine.fetch(verdicts.usage(rows.together(*self._judged)))

    def judged(self) -> pa.Table:
        """Every connection with its rank."""
        return self._engine.fetch(verdicts.judged(self._connections))

    def views(self, connections: pa.Table) -> pa.Table:
        """What each sensor saw of what is found."""
        asked = self._ship("asked", connections)
        judged = rows.together(*self._judged)
        return self._engine.fetch(verdicts.views(rows.together(*self._rows), judged, asked))

    def measures(self, connections: pa.Table) -> pa.Table:
        """Connections, found or not."""
        asked, judged = self._ship("asked", connections), rows.together(*self._judged)
        of = rows.together(*self._rows)
        return self._engine.fetch(verdicts.measures(of, judged, asked, self._engine.functions))

    def every_view(self, connections: pa.Table) -> pa.Table:
        """What each sensor saw."""
        asked, judged = self._ship("asked", connections), rows.together(*self._judged)
        return self._engine.fetch(verdicts.every_view(rows.together(*self._rows), judged, asked))

    def of_services(self, services: Sequence[tuple[int, int]]) -> pa.Table:
        """Connections of services, by the classes of their ends."""
        return self._engine.fetch(verdicts.of_services(self._connections, services))

    def sampled(self) -> list[str]:
        """Sensors that sampled."""
        found = self._engine.fetch(reconciling.sampled(rows.together(*self._rows)))
        return sorted(found["sensor"].to_pylist())

    def compare(self, ends: Ends, limit: int) -> Compared:
        """What either edge has of connections between two sites."""
        given = ends.tables()
        functions, edges = self._engine.functions, self._ship("edges", given["edges"])
        class_sites = self._ship("class_sites", given["class_sites"])
        between = reconciling.between_ends(rows.together(*self._judged), class_sites)
        located = reconciling.rows_between(rows.together(*self._rows), between)
        sided = self._keep("sided", reconciling.sided(located, edges, functions))
        even = self._engine.fetch(reconciling.even_ends(sided))
        uneven = self._engine.fetch(reconciling.uneven_ends(sided))
        month = pc.equal(uneven["level"], MONTH_LEVEL)
        months = uneven.filter(month).select(BETWEEN_ENDS.names)
        if months.num_rows:
            paths, month_days = self._days_of(sorted(set(months["span"].to_pylist())))
            days = rows.rows_of_days(self._parquet(paths, CONNECTION_DAYS))
            located = reconciling.days_between(days, month_days, self._ship("of_months", months))
            of_days = self._engine.fetch(reconciling.sided(located, edges, functions))
            uneven = pa.concat_tables([uneven.filter(pc.invert(month)), of_days])
        # Only what differs is left, and what explains that is decided here.
        self._local.register("uneven", uneven)
        self._local.run("CREATE OR REPLACE TEMP TABLE sided AS SELECT * FROM uneven")
        found = explained(self._local, ends, limit)
        return replace(found, whole=added(found.whole, even))

    def _days_of(self, begins: Sequence[int]) -> tuple[list[Path], ir.Table]:
        """Files of the days of months, and which month (month, span) each is of."""
        paths, spans = self._contents.days_of(begins)
        days = [span.begin for span in spans]
        month = pa.table([days, [month_begin(day) for day in days]], schema=_MONTH_DAYS)
        return paths, self._ship("month_days", month)

    def close(self) -> None:
        """Free what this window made; the engine stays."""
        try:
            for table in reversed(self._made):
                self._engine.forget(table)
        finally:
            self._made.clear()
            self._local.close()

    def _go_on(self, relation: ir.Table) -> None:
        self._rows.append(relation)
        self._current = relation

    def _all_loose(self) -> ir.Table:
        return rows.together(*(decide.loose(decided) for decided in self._decided))

    def _parquet(self, paths: Sequence[Path], schema: pa.Schema) -> ir.Table:
        return self._noted(self._engine.parquet(paths, schema))

    def _ship(self, name: str, table: pa.Table) -> ir.Table:
        return self._noted(self._engine.table(self._named(name), table))

    def _keep(self, name: str, question: ir.Table) -> ir.Table:
        return self._noted(self._engine.keep(self._named(name), question))

    def _noted(self, table: ir.Table) -> ir.Table:
        self._made.append(table)
        return table

    def _named(self, name: str) -> str:
        """A name that no other window and no other round has."""
        return f"{self._prefix}{name}_{len(self._made)}"

    def _refuse(self, question: ir.Table, what: str) -> None:
        count = self._engine.fetch(question)["n"][0].as_py()
        if count:
            raise SekishoError(f"{count} {what}")

    def _refuse_here(self, name: str, table: pa.Table, question: str, what: str) -> None:
        """Look at what is shipped before it is, which costs the engine nothing."""
        self._local.register(name, table)
        count = self._local.fetch(question)["n"][0].as_py()
        self._local.forget(name)
        if count:
            raise SekishoError(f"{count} {what}")
