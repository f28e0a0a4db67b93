"""The embedded engine under the portable contract: what the others are compared with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import duckdb
import pyarrow as pa

from sekisho.errors import SekishoError
from sekisho.store.engines.duckdb import DuckDB, quoted
from sekisho.store.engines.portable import (
    Functions,
    Target,
    checked_name,
    conformed,
    declared,
    expected,
    functions,
    missing,
    portable,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

_TYPES = {
    "bool": "BOOLEAN",
    "int8": "TINYINT",
    "int16": "SMALLINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "double": "DOUBLE",
    "string": "VARCHAR",
    "timestamp[us, tz=UTC]": "TIMESTAMPTZ",
}


_GLOB = re.compile(r"([*?\[])")


class IbisDuckDB:
    """DuckDB asked by Ibis expressions. It spills below `target.temporary`."""

    def __init__(self, target: Target) -> None:
        try:
            import ibis
        except ImportError as error:
            raise missing("spark", error) from error
        self._compile: Callable[[ir.Table], str] = lambda rows: str(ibis.to_sql(rows, dialect="duckdb"))
        self.functions: Functions = functions(
            micros="epoch_us", moment="make_timestamptz", bit_or="bit_or"
        )
        self._engine = DuckDB(target.root, target.temporary, f"{target.memory_limit}B", target.threads)
        self._views = 0
        self._kept: set[str] = set()

    def parquet(self, paths: Sequence[Path], schema: pa.Schema) -> ir.Table:
        """The rows of Parquet files."""
        self._views += 1
        name = f"parquet_{self._views}"
        if not paths:
            return self.table(name, schema.empty_table())
        columns = ", ".join(f'"{column.name}"' for column in schema)
        files = ", ".join(quoted(Path(_GLOB.sub(r"[\1]", str(path)))) for path in paths)
        with _told():
            self._engine.run(f"CREATE VIEW {name} AS SELECT {columns} FROM read_parquet([{files}])")
        return declared(name, schema)

    def table(self, name: str, rows: pa.Table) -> ir.Table:
        """Ship rows to the engine."""
        schema = portable(rows.schema)
        self._engine.register(checked_name(name), rows.cast(schema))
        return declared(name, schema)

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute rows now and keep them."""
        schema = expected(rows)
        # Sums are 128 bits wide here and would stay so in the table.
        columns = ", ".join(f'CAST("{c.name}" AS {_TYPES[str(c.type)]}) AS "{c.name}"' for c in schema)
        with _told():
            self._engine.run(
                f"CREATE TABLE {checked_name(name)} AS SELECT {columns} FROM ({self._compile(rows)})"
            )
        self._kept.add(name)
        return declared(name, schema)

    def fetch(self, rows: ir.Table) -> pa.Table:
        """Compute rows and bring them here."""
        schema = expected(rows)
        with _told():
            result = self._engine.fetch(self._compile(rows))
        return conformed(result, schema)

    def forget(self, rows: ir.Table) -> None:
        """Free what was shown, shipped or kept."""
        name = rows.get_name()
        if name in self._kept:
            self._kept.remove(name)
            self._engine.run(f"DROP TABLE {name}")
        else:
            self._engine.forget(name)
            self._engine.run(f"DROP VIEW IF EXISTS {name}")

    def close(self) -> None:
        """Free everything."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _told() -> Iterator[None]:
    """Turn the driver's errors into ours, beyond those the engine itself turns."""
    try:
        yield
    except duckdb.Error as error:
        raise SekishoError(f"DuckDB could not compute this: {str(error)[:2000]}") from error
