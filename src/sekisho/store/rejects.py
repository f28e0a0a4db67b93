"""Lines that could not be read, kept aside with their place and the reason."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

MAX_TEXT = 512
"""Bytes of the text of a rejected line that are kept."""
MAX_REASON = 300
_BUFFERED = 20_000

SCHEMA = pa.schema(
    [
        pa.field("file", pa.int32(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("text", pa.binary(), nullable=False),
    ]
)


class Rejected(Protocol):
    """One line a reader gave up on."""

    @property
    def row(self) -> int:
        """Line or record, from 1."""
        ...

    @property
    def reason(self) -> str:
        """In words."""
        ...

    @property
    def text(self) -> bytes:
        """What stood there, or its beginning."""
        ...


class RejectSpool:
    """Writes rejected lines below `folder` in bounded memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[tuple[int, int, str, bytes]] = []
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0

    def add(self, file: int, rejects: Iterable[Rejected]) -> int:
        """Take the rejected lines of one file; how many."""
        before = self.rows
        for reject in rejects:
            self._rows.append(
                (file, reject.row, reject.reason[:MAX_REASON], bytes(reject.text[:MAX_TEXT]))
            )
            self.rows += 1
            if len(self._rows) >= _BUFFERED:
                self._flush()
        return self.rows - before

    def close(self) -> Path | None:
        """The file, or None where nothing was rejected."""
        self._flush()
        if self._writer is None:
            return None
        self._writer.close()
        return self._path

    def discard(self) -> None:
        """Remove what was written."""
        self._rows = []
        if self._writer is not None:
            # On a full disk there is no room for the end of a file that is thrown away.
            with contextlib.suppress(OSError):
                self._writer.close()
            self._path.unlink(missing_ok=True)

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, SCHEMA, compression="zstd", store_schema=False)
        columns = zip(*self._rows, strict=True)
        arrays = [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)]
        self._writer.write_table(pa.table(arrays, schema=SCHEMA))
        self._rows = []
