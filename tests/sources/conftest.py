"""Reading a small log with any reader."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from sekisho.model.addresses import text_of
from sekisho.model.flows import SOURCE_SCHEMA
from sekisho.model.logons import SOURCE_LOGONS
from sekisho.model.names import SOURCE_NAMES
from sekisho.sources.base import Batch, ReadContext, Reject, Span
from sekisho.sources.registry import by_name

NOW = datetime(2024, 6, 1, tzinfo=UTC)


@dataclass
class Read:
    """All that a reader gave."""

    flows: list[dict[str, Any]]
    rejects: list[Reject]
    ignored: int = 0
    last_row: int = 0
    spans: list[Span] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    names: list[dict[str, Any]] = field(default_factory=list)
    name_fields: list[dict[str, Any]] = field(default_factory=list)
    logons: list[dict[str, Any]] = field(default_factory=list)
    logon_fields: list[dict[str, Any]] = field(default_factory=list)

    @property
    def values(self) -> list[tuple[int, str, str]]:
        """(row, kind, value) of every name."""
        return [(n["row"], n["kind"], n["value"]) for n in self.names]

    @property
    def ends(self) -> list[tuple[str, int, str, int]]:
        """(src, port, dst, port) of every flow."""
        return [(f["src"], f["src_port"], f["dst"], f["dst_port"]) for f in self.flows]

    @property
    def reasons(self) -> dict[int, str]:
        """Why each rejected row was."""
        return {reject.row: reject.reason for reject in self.rejects}


def gathered(batches: Sequence[Batch]) -> Read:
    read = Read([], [])
    for batch in batches:
        assert batch.flows.schema.equals(SOURCE_SCHEMA)
        for row in batch.flows.to_pylist():
            row["src"], row["dst"] = (
                text_of(row.pop(f"{end}_hi"), row.pop(f"{end}_lo")) for end in ("src", "dst")
            )
            read.flows.append(row)
        if batch.fields is not None:
            assert batch.fields.num_rows == batch.flows.num_rows
            read.fields += batch.fields.to_pylist()
        if batch.names is not None:
            assert batch.names.schema.equals(SOURCE_NAMES)
            for row in batch.names.to_pylist():
                for end in ("src", "dst"):
                    hi, lo = row.pop(f"{end}_hi"), row.pop(f"{end}_lo")
                    row[end] = None if hi is None else text_of(hi, lo)
                read.names.append(row)
        if batch.name_fields is not None:
            assert batch.names is not None
            assert batch.name_fields.num_rows == batch.names.num_rows
            read.name_fields += batch.name_fields.to_pylist()
        if batch.logons is not None:
            assert batch.logons.schema.equals(SOURCE_LOGONS)
            for row in batch.logons.to_pylist():
                for end in ("src", "dst"):
                    hi, lo = row.pop(f"{end}_hi"), row.pop(f"{end}_lo")
                    row[end] = None if hi is None else text_of(hi, lo)
                read.logons.append({key: value for key, value in row.items() if value is not None})
        if batch.logon_fields is not None:
            assert batch.logons is not None
            assert batch.logon_fields.num_rows == batch.logons.num_rows
            read.logon_fields += batch.logon_fields.to_pylist()
        read.rejects += batch.rejects
        read.ignored += batch.ignored
        read.last_row = max(read.last_row, batch.last_row)
        read.spans += batch.spans
        read.notes += batch.notes
    return read


@pytest.fixture(scope="session")
def read_with() -> Callable[..., Read]:
    """Read content (text or bytes) with the reader of a name."""

    def read(
        reader: str,
        content: str | bytes,
        *,
        timezone: str = "UTC",
        sampling: int = 1,
        first_row: int = 1,
        mapping: Mapping[str, Any] | None = None,
        fields: Sequence[str] = (),
    ) -> Read:
        raw = content.encode() if isinstance(content, str) else content
        context = ReadContext(timezone, sampling, NOW, first_row, mapping, frozenset(fields))
        return gathered(list(by_name(reader).read(io.BytesIO(raw), context)))

    return read


@pytest.fixture(scope="session")
def context() -> ReadContext:
    """A sensor in UTC that samples nothing."""
    return ReadContext("UTC", 1, NOW)


@pytest.fixture(scope="session")
def strings() -> Callable[..., Any]:
    """A column of text; None is empty."""
    return lambda *words: pa.array(words, pa.string())
