"""DuckDB, the embedded engine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import pyarrow as pa

from sekisho.errors import IntegrityError, RequestError
from sekisho.store.engines.base import Value
from sekisho.store.layout import new_run, remove_tree


class DuckDB:
    """One in-memory database that spills into a folder of its own below `temporary`.

    It may read and write below `root` only, loads no extension and reads no variable of the caller.
    """

    def __init__(self, root: Path, temporary: Path, memory_limit: str, threads: int | None) -> None:
        self._spill = temporary / f"engine-{os.getpid()}-{new_run()}"
        self._spill.mkdir(parents=True)
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": memory_limit,
            "temp_directory": str(self._spill),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "enable_external_file_cache": "false",
            "preserve_insertion_order": "false",
        }
        if threads is not None:
            config["threads"] = threads
        try:
            self._connection = duckdb.connect(":memory:", config=config)
        except duckdb.Error as error:
            remove_tree(self._spill)
            raise RequestError(
                f"the engine does not take its settings: {error}",
                "memory limits look like 1GiB or 800MB",
            ) from error
        # It draws a bar on standard output, among the results, where Python was started without a file.
        self._connection.execute("SET enable_progress_bar = false")
        # Results carry time zones, and the log's zones are none of the engine's business.
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute(f"SET allowed_directories = [{quoted(root)}]")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def run(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run a statement for its effect."""
        with _Located():
            self._connection.execute(sql, list(values))

    def fetch(self, sql: str, values: Sequence[Value] = ()) -> pa.Table:
        """The rows of a query."""
        with _Located():
            return self._connection.sql(sql, params=list(values)).to_arrow_table()

    def refusal(self, sql: str) -> str | None:
        """See `Engine.refusal`."""
        try:
            self._connection.execute(sql)
        except duckdb.Error as error:
            return " ".join(str(error).split())[:300]
        return None

    def register(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable under a name."""
        self._connection.register(name, table)

    def forget(self, name: str) -> None:
        """Undo `register`."""
        self._connection.unregister(name)

    def write(self, sql: str, path: Path) -> None:
        """Write the rows of a query to one Parquet file, zstd."""
        with _Located():
            self._connection.execute(
                f"COPY ({sql}) TO {quoted(path)} "
                "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 131072)"
            )

    def close(self) -> None:
        """Close the database and remove what it spilled."""
        self._connection.close()
        remove_tree(self._spill)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def quoted(path: Path) -> str:
    """A path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


class _Located:
    """Turns the driver's errors into ours, so that no caller needs the driver to catch them."""

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, duckdb.OutOfMemoryException) or "No space left" in str(error):
            raise RequestError(
                f"the engine ran out of memory or of disk for its temporary files: {error}",
                "raise store.memory_limit, or free disk space below the workspace",
            ) from error
        if isinstance(
            error, duckdb.IOException | duckdb.InvalidInputException | duckdb.SerializationException
        ):
            raise IntegrityError(
                f"the lake could not be read: {error}", "`sekisho store verify` names the file"
            ) from error
