"""Files of what osquery answered: Parquet, a folder a UTC day. Which of them count stands in the state.

A file is whole on disk before the state names it; one that no state names is what a killed run left behind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.store.layout import (
    OWN_FILE,
    day_folder,
    make_folder,
    new_run,
    remove_file,
    sync_file,
    sync_folders,
)

SCHEMA = pa.schema(
    [
        pa.field("received", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("node", pa.int64(), nullable=False),
        pa.field("hostname", pa.string(), nullable=False),
        pa.field("uuid", pa.string(), nullable=False),
        pa.field("source", pa.dictionary(pa.int8(), pa.string()), nullable=False),
        pa.field("campaign", pa.int64(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("status", pa.int32(), nullable=False),
        pa.field("message", pa.string(), nullable=False),
        pa.field("row", pa.int32(), nullable=False),
        pa.field("columns", pa.map_(pa.string(), pa.string())),
    ]
)
"""`source` is distributed, scheduled or status; `columns` is null where a query gave no row."""


def write(root: Path, folder: Path, table: pa.Table, at: datetime) -> str:
    """Write a file of the day of `at`; its path relative to `folder`, which lies below `root`."""
    day = folder / day_folder(at.date())
    make_folder(day, root)
    path = day / f"{new_run()}-0.parquet"
    part = path.with_name(f".{path.name}")
    pq.write_table(table, part, compression="zstd")
    sync_file(part)
    part.rename(path)
    sync_folders([day])
    return path.relative_to(folder).as_posix()


def merged(root: Path, folder: Path, paths: Sequence[str], at: datetime) -> tuple[str, int]:
    """Write one file of the day of `at` with what these hold; its path and its rows. They stay as they are."""
    tables = [pq.read_table(folder / path, schema=SCHEMA, partitioning=None) for path in paths]
    table = pa.concat_tables(tables).unify_dictionaries()
    return write(root, folder, table, at), table.num_rows


def answers_to(folder: Path, paths: Sequence[str], campaign: int) -> pa.Table:
    """What came for one campaign's questions, of these files. Raises FileNotFoundError where one was merged."""
    chosen = [("campaign", "=", campaign)]
    tables = [
        pq.read_table(folder / path, schema=SCHEMA, partitioning=None, filters=chosen) for path in paths
    ]
    return pa.concat_tables([SCHEMA.empty_table(), *tables], promote_options="default")


def sweep(folder: Path, counted: Collection[str]) -> int:
    """Remove files that do not count; how many there were. Only whoever writes them may.

    At once, and not after a while for readers: many read all that lies in a folder, and would count twice.
    """
    gone = 0
    for path in list(_own(folder)):
        if path.relative_to(folder).as_posix() not in counted:
            remove_file(path)
            gone += 1
    return gone


def _own(folder: Path) -> Iterator[Path]:
    for path in folder.glob("day=*/*"):
        if OWN_FILE.fullmatch(path.name.removeprefix(".")):
            yield path
