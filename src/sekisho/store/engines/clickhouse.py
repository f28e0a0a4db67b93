"""ClickHouse: a server or a cluster by its URL, or the same engine in this process (`chdb:`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from sekisho.errors import SekishoError
from sekisho.store.engines.clickhouse_tables import Tables
from sekisho.store.engines.portable import (
    EngineStopped,
    Functions,
    Target,
    checked_name,
    conformed,
    declared,
    expected,
    functions,
    missing,
    own_options,
    portable,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

IN_PROCESS = "chdb:"
_ANSWERS = {
    "session_timezone": "UTC",
    "join_use_nulls": "1",
    "aggregate_functions_null_for_empty": "1",
    "transform_null_in": "0",
    "union_default_mode": "ALL",
    "input_format_parquet_allow_missing_columns": "0",
    "output_format_arrow_string_as_string": "1",
    # What was shipped or kept stands on the server asked, and is sent on to the shards.
    "prefer_global_in_and_join": "1",
    "distributed_foreground_insert": "1",
}
"""What answers depend on: times in UTC; null, not 0 or 1970, for nothing."""

_OUT_OF_MEMORY = 241


class ClickHouse:
    """One connection whose tables carry a name of their own and are gone when it closes.

    A server keeps the lake's rows it was sent, and is sent each file once.
    """

    def __init__(self, client: Any, tables: Tables, stop: Callable[[], None]) -> None:
        import ibis

        self._client = client
        self._tables = tables
        self._stop = stop
        self._count = 0
        self._compile: Callable[[ir.Table], str] = ibis.clickhouse.from_connection(client).compile
        self.functions: Functions = functions(
            micros="toUnixTimestamp64Micro", moment="fromUnixTimestamp64Micro", bit_or="groupBitOr"
        )

    @classmethod
    def open(cls, target: Target) -> Self:
        """Connect to `http://` or `https://host:port`, or start the engine in this process (`chdb:`).

        Raises RequestError where packages are missing or the server does not answer.
        """
        options = own_options(target.options, _ANSWERS, "ClickHouse")
        try:
            import ibis.backends.clickhouse  # noqa: F401

            from sekisho.store.engines.clickhouse_client import connected, started
        except ImportError as error:
            raise missing("clickhouse", error) from error
        opened = started if target.url == IN_PROCESS else connected
        with ExitStack() as undo:
            client, tables, stop = opened(target, options | _ANSWERS)
            undo.callback(stop)
            engine = cls(client, tables, stop)
            undo.pop_all()
        return engine

    def parquet(self, paths: Sequence[Path], schema: pa.Schema) -> ir.Table:
        """The rows of Parquet files; a server is sent them, the engine in this process reads them."""
        self._count += 1
        name = self._tables.named(f"parquet_{self._count}")
        with self._told():
            self._tables.load(name, paths, schema)
        return declared(name, schema)

    def table(self, name: str, rows: pa.Table) -> ir.Table:
        """Ship rows to the engine."""
        schema, own = portable(rows.schema), self._tables.named(checked_name(name))
        with self._told():
            self._tables.drop(own)
            self._tables.create(own, schema)
            if rows.num_rows:
                self._client.insert_arrow(own, rows.cast(schema))
        return declared(own, schema)

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute rows now and keep them on the server asked."""
        schema, own = expected(rows), self._tables.named(checked_name(name))
        sql = self._compile(rows)
        with self._told():
            self._tables.create(own, schema)
            self._client.command(f"INSERT INTO {own} {sql}")
        return declared(own, schema)

    def fetch(self, rows: ir.Table) -> pa.Table:
        """Compute rows and bring them here."""
        schema, sql = expected(rows), self._compile(rows)
        with self._told():
            result = self._client.query_arrow(sql, use_strings=True)
        return conformed(result, schema)

    def forget(self, rows: ir.Table) -> None:
        """Drop what was loaded, shipped or kept."""
        with self._told():
            self._tables.drop(rows.get_name())

    def close(self) -> None:
        """Drop every table of this connection, not the lake's rows; stop the engine in this process."""
        try:
            with self._told():
                self._tables.clear()
        except EngineStopped:
            return  # The next connection sweeps what is left on the server.
        finally:
            self._stop()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn the driver's errors into ours."""
        from clickhouse_connect.driver.exceptions import (
            ClickHouseError,
            OperationalError,
            StreamFailureError,
        )
        from urllib3.exceptions import HTTPError

        try:
            yield
        except (OperationalError, StreamFailureError, HTTPError, ConnectionError) as error:
            raise EngineStopped(
                f"the engine stopped: ClickHouse went away in the middle of a question: {error}",
                "Nothing of the lake was changed. See the server's log, and ask again.",
            ) from error
        except ClickHouseError as error:
            mend = ""
            if getattr(error, "code", None) == _OUT_OF_MEMORY:
                mend = "Raise store.memory_limit, or max_memory_usage in engine.options."
            raise SekishoError(
                f"ClickHouse could not compute this: {str(error)[:2000]}", mend
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
