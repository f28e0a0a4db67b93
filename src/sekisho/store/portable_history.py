"""Questions about single connections over all time, on an engine that takes the portable ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from sekisho.store.engines.portable import PortableEngine
from sekisho.store.layout import new_run
from sekisho.store.queries.columns import DAY
from sekisho.store.questions import history
from sekisho.store.shapes import CONNECTION_DAYS, CONNECTION_MONTHS, CONNECTIONS

if TYPE_CHECKING:
    import ibis.expr.types as ir


class PortableHistory:
    """Asks the roll-ups of all time where the engine is. `engine` opens it when the first question is
    asked. Raw records are read by the embedded engine: they lie in a few files of a few days."""

    def __init__(self, engine: Callable[[], PortableEngine]) -> None:
        self._engine = engine

    def first_last(self, months: Sequence[Path], days: Sequence[Path], asked: pa.Table) -> pa.Table:
        """FIRST_LAST of connections from the files of months and of the days that they do not sum up."""
        with self._asked(months, days, asked) as (engine, rows, wanted):
            return engine.fetch(history.first_last(rows, wanted))

    def touching(
        self, months: Sequence[Path], days: Sequence[Path], asked: pa.Table, limit: int
    ) -> pa.Table:
        """TOUCHING of addresses (realm, hi, lo)."""
        with self._asked(months, days, asked) as (engine, rows, wanted):
            return engine.fetch(history.touching(rows, wanted, limit))

    def serving(
        self,
        months: Sequence[Path],
        days: Sequence[Path],
        services: Sequence[tuple[int, int]],
        limit: int,
    ) -> pa.Table:
        """TOUCHING of services (protocol, port)."""
        with self._asked(months, days, CONNECTIONS.empty_table()) as (engine, rows, _wanted):
            return engine.fetch(history.serving(rows, services, limit))

    def days(self, days: Sequence[Path], asked: pa.Table) -> set[int]:
        """Numbers of the days on which any of the connections was seen."""
        engine = self._engine()
        rows = engine.parquet(days, CONNECTION_DAYS)
        wanted = engine.table(f"h{new_run()}", asked)
        begins = engine.fetch(history.days(rows, wanted))["day"].to_pylist()
        for table in (rows, wanted):
            engine.forget(table)
        return {begin // DAY for begin in begins}

    @contextmanager
    def _asked(
        self, months: Sequence[Path], days: Sequence[Path], asked: pa.Table
    ) -> Iterator[tuple[PortableEngine, ir.Table, ir.Table]]:
        engine = self._engine()
        of_months = engine.parquet(months, CONNECTION_MONTHS)
        of_days = engine.parquet(days, CONNECTION_DAYS)
        wanted = engine.table(f"h{new_run()}", asked)
        yield engine, history.rows(of_months, of_days), wanted
        for table in (of_months, of_days, wanted):
            engine.forget(table)
