"""The lake's files on a ClickHouse server: sent once, and given up when the lake has them no longer."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.errors import IntegrityError
from sekisho.store.engines.clickhouse_types import columns, quoted, spread
from sekisho.store.layout import new_run

_BATCH = 500_000
"""Rows sent at a time."""
_FORGOTTEN = 7 * 86_400
"""Seconds after which rows of a file that was never sent to its end are given up."""
_LOADS = pa.schema(
    [
        pa.field("file", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("load", pa.string(), nullable=False),
        pa.field("rows", pa.int64(), nullable=False),
    ]
)


class LakeTables:
    """Tables that outlive a connection: one of rows for each lake and shape, and one of what was sent.

    A file of the lake never changes under its name, so its path below `root` and its size tell it. What
    is being sent bears a number of its own and counts once it is whole, so that several connections, and
    one that is killed, neither double nor lose a row.
    """

    def __init__(
        self, client: Any, cluster: str | None, root: Path, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._cluster = cluster
        self._root = root
        self._clock = clock
        self._swept: set[str] = set()

    def rows_of(self, paths: Sequence[Path], schema: pa.Schema) -> str:
        """A SELECT of the rows of these files, of which it sends those that are not there."""
        name = self._made(schema)
        if name not in self._swept:
            self._swept.add(name)
            self._sweep(name)
        known = self._whole(name)
        loads = []
        for path in paths:
            key = self._key(path)
            if key not in known:
                known[key] = self._send(name, path, key, schema)
            loads.append(known[key])
        names = ", ".join(f"`{column}`" for column in schema.names)
        return f"SELECT {names} FROM {name} WHERE _load IN ({_texts(loads)})"

    def _made(self, schema: pa.Schema) -> str:
        shape = f"{self._root.absolute()}\n{columns(schema)}"
        name = f"sekisho_lake_{hashlib.sha256(shape.encode()).hexdigest()[:16]}"
        with_load = schema.append(pa.field("_load", pa.string(), nullable=False))
        if self._cluster is None:
            self._client.command(
                f"CREATE TABLE IF NOT EXISTS {name} ({columns(with_load)})"
                " ENGINE = MergeTree ORDER BY _load"
            )
        else:
            for statement in spread(name, with_load, self._cluster, "_load"):
                self._client.command(statement)
        self._client.command(
            f"CREATE TABLE IF NOT EXISTS {name}_loads ({columns(_LOADS)})"
            " ENGINE = MergeTree ORDER BY load"
        )
        return name

    def _key(self, path: Path) -> tuple[str, int]:
        absolute = path.absolute()
        try:
            return str(absolute.relative_to(self._root.absolute())), absolute.stat().st_size
        except (ValueError, OSError) as error:
            raise IntegrityError(f"the lake could not be read: {path}: {error}") from error

    def _whole(self, name: str) -> dict[tuple[str, int], str]:
        """What was sent to its end and is all there: the number of each file."""
        there = self._there(name)
        return {
            (file, size): load
            for file, size, load, rows in self._sent(name)
            if there.get(load, 0) == rows
        }

    def _sent(self, name: str) -> list[tuple[str, int, str, int]]:
        rows: list[tuple[str, int, str, int]] = self._client.query(
            f"SELECT file, size, load, rows FROM {name}_loads"
        ).result_rows
        return rows

    def _there(self, name: str) -> dict[str, int]:
        counted = f"SELECT _load, toInt64(count()) FROM {name} GROUP BY _load"
        return dict(self._client.query(counted).result_rows)

    def _send(self, name: str, path: Path, key: tuple[str, int], schema: pa.Schema) -> str:
        load, rows = f"{int(self._clock()):x}_{new_run()}", 0
        for batch in _batches(path, list(schema.names)):
            table = pa.Table.from_batches([batch])
            rows += table.num_rows
            self._client.insert_arrow(
                name, table.append_column("_load", pa.repeat(pa.scalar(load), table.num_rows))
            )
        sent = [{"file": key[0], "size": key[1], "load": load, "rows": rows}]
        self._client.insert_arrow(f"{name}_loads", pa.Table.from_pylist(sent, _LOADS))
        return load

    def _sweep(self, name: str) -> None:
        """Give up what the lake does not have any more, what the server lost a part of, and what was
        never sent to its end."""
        sent, there = self._sent(name), self._there(name)
        gone = [
            load
            for file, _, load, rows in sent
            if there.get(load, 0) != rows or not (self._root / file).exists()
        ]
        old = self._clock() - _FORGOTTEN
        broken = [
            load
            for load in there.keys() - {load for _, _, load, _ in sent}
            if int(load.partition("_")[0], 16) < old
        ]
        if gone:
            self._client.command(f"DELETE FROM {name}_loads WHERE load IN ({_texts(gone)})")
        if gone or broken:
            where = f"{name}_shard ON CLUSTER {quoted(self._cluster)}" if self._cluster else name
            self._client.command(f"DELETE FROM {where} WHERE _load IN ({_texts(gone + broken)})")


def _texts(values: Sequence[str]) -> str:
    return ", ".join(map(quoted, values))


def _batches(path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH, columns=names)
    except (pa.ArrowInvalid, OSError) as error:
        raise IntegrityError(
            f"the lake could not be read: {path}: {error}", "`sekisho store verify` names the file"
        ) from error
