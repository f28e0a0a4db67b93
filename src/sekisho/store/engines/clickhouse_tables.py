"""The tables of one connection to ClickHouse: how they are named, made, filled and dropped."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.errors import IntegrityError
from sekisho.store.engines.portable import portable
from sekisho.store.layout import new_run

TYPES = {
    "bool": "Bool",
    "int8": "Int8",
    "int16": "Int16",
    "int32": "Int32",
    "int64": "Int64",
    "double": "Float64",
    "string": "String",
    "timestamp[us, tz=UTC]": "DateTime64(6, 'UTC')",
}
_OWN = re.compile(r"sekisho_([0-9a-f]{8,})_[0-9a-f]{12}_[a-z0-9_]+")
_FORGOTTEN = 7 * 86_400
"""Seconds after which the tables of a connection that was killed are dropped by the next one."""

_BATCH = 500_000
"""Rows sent at a time."""


def columns(schema: pa.Schema) -> str:
    """Column definitions; a column is nullable where the schema says so."""
    return ", ".join(
        f"`{c.name}` Nullable({TYPES[str(kind)]})" if c.nullable else f"`{c.name}` {TYPES[str(kind)]}"
        for c, kind in zip(schema, portable(schema).types, strict=True)
    )


class Tables:
    """Tables on a server; with a cluster, the lake's rows are spread over its shards.

    What is shipped or kept stands on the server asked. Names begin with the time and the run, so that
    several connections share a database, and the next one drops what a killed one left.
    """

    def __init__(
        self, client: Any, cluster: str | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._cluster = cluster
        self._clock = clock
        self._prefix = f"sekisho_{int(clock()):x}_{new_run()}_"
        self._made: list[str] = []

    def named(self, name: str) -> str:
        """The name on the server."""
        return self._prefix + name

    def create(self, name: str, schema: pa.Schema) -> None:
        """An empty table on the server asked."""
        self._made.append(name)
        self._client.command(
            f"CREATE TABLE {name} ({columns(schema)}) ENGINE = MergeTree ORDER BY tuple()"
        )

    def drop(self, name: str) -> None:
        """Drop a table of this connection, if it is there."""
        if name in self._made:
            self._client.command(f"DROP TABLE IF EXISTS {name}")
            self._made.remove(name)

    def load(self, name: str, paths: Sequence[Path], schema: pa.Schema) -> None:
        """A table with the rows of Parquet files, sent batch by batch."""
        if self._cluster is None:
            self.create(name, schema)
        else:
            for statement in spread(name, schema, self._cluster):
                self._client.command(statement)
            self._made += [f"{name}_shard", name]
        names = list(schema.names)
        for path in paths:
            for batch in _batches(path, names):
                self._client.insert_arrow(name, pa.Table.from_batches([batch]))

    def clear(self) -> None:
        """Drop every table of this connection."""
        for name in reversed(self._made):
            self._client.command(f"DROP TABLE IF EXISTS {name}{self._everywhere()}")
        self._made.clear()

    def sweep(self) -> None:
        """Drop what connections that were killed left behind a week ago or longer."""
        rows = self._client.query(
            "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'sekisho\\_%'"
        ).result_rows
        for (name,) in rows:
            match = _OWN.fullmatch(name)
            if match and int(match[1], 16) < self._clock() - _FORGOTTEN:
                self._client.command(f"DROP TABLE IF EXISTS {name}{self._everywhere()}")

    def _everywhere(self) -> str:
        return "" if self._cluster is None else f" ON CLUSTER {_quoted(self._cluster)}"


class InProcess(Tables):
    """Tables of the engine in this process, which reads the lake's files where they lie."""

    def __init__(self, client: Any, folder: Path) -> None:
        super().__init__(client, None)
        self._folder = folder

    def load(self, name: str, paths: Sequence[Path], schema: pa.Schema) -> None:
        """A view of Parquet files.

        They are named by links in a folder of our own: the engine takes `*`, `?` and braces in a path
        for patterns and cannot be told otherwise.
        """
        if not paths:
            self.create(name, schema)
            return
        links = self._folder / name
        links.mkdir()
        for number, path in enumerate(paths):
            (links / f"{number:07}.parquet").symlink_to(path.absolute())
        structure = columns(schema).replace("'", "\\'")
        self._made.append(name)
        self._client.command(
            f"CREATE VIEW {name} AS SELECT * FROM file('{links}/*.parquet', 'Parquet', '{structure}')"
        )


def spread(name: str, schema: pa.Schema, cluster: str) -> tuple[str, str]:
    """Statements that make a table whose rows lie on the shards of a cluster."""
    on = _quoted(cluster)
    here = f"CREATE TABLE {name}_shard ON CLUSTER {on} ({columns(schema)})"
    here += " ENGINE = MergeTree ORDER BY tuple()"
    everywhere = f"CREATE TABLE {name} ON CLUSTER {on} AS {name}_shard"
    everywhere += f" ENGINE = Distributed({on}, currentDatabase(), {name}_shard, rand())"
    return here, everywhere


def _quoted(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _batches(path: Path, names: list[str]) -> Any:
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH, columns=names)
    except (pa.ArrowInvalid, OSError) as error:
        raise IntegrityError(
            f"the lake could not be read: {path}: {error}", "`sekisho store verify` names the file"
        ) from error
