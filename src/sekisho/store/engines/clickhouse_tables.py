"""The tables of one connection to ClickHouse: how they are named, made, filled and dropped."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from sekisho.store.engines.clickhouse_lake import LakeTables
from sekisho.store.engines.clickhouse_types import columns
from sekisho.store.layout import new_run

_OWN = re.compile(r"sekisho_([0-9a-f]{8,})_[0-9a-f]{12}_[a-z0-9_]+")
_FORGOTTEN = 7 * 86_400
"""Seconds after which the tables of a connection that was killed are dropped by the next one."""


class Tables:
    """Tables on a server; with a cluster, the lake's rows are spread over its shards.

    What is shipped or kept stands on the server asked; the lake's rows outlive the connection, which has
    views of those it asked for. Names begin with the time and the run, so that several connections share
    a database, and the next one drops what a killed one left.
    """

    def __init__(
        self,
        client: Any,
        cluster: str | None,
        root: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._lake = LakeTables(client, cluster, root, clock)
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
        """A view of the rows of Parquet files, of which the server is sent those it has not."""
        if not paths:
            self.create(name, schema)
            return
        rows = self._lake.rows_of(paths, schema)
        self._made.append(name)
        self._client.command(f"CREATE VIEW {name} AS {rows}")

    def clear(self) -> None:
        """Drop every table of this connection."""
        for name in reversed(self._made):
            self._client.command(f"DROP TABLE IF EXISTS {name}")
        self._made.clear()

    def sweep(self) -> None:
        """Drop what connections that were killed left behind a week ago or longer."""
        rows = self._client.query(
            "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'sekisho\\_%'"
        ).result_rows
        for (name,) in rows:
            match = _OWN.fullmatch(name)
            if match and int(match[1], 16) < self._clock() - _FORGOTTEN:
                self._client.command(f"DROP TABLE IF EXISTS {name}")


class InProcess(Tables):
    """Tables of the engine in this process, which reads the lake's files where they lie."""

    def __init__(self, client: Any, folder: Path) -> None:
        super().__init__(client, None, folder)
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
