"""Tables as bytes, for what an observer remembers: compressed Arrow streams behind a line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Kept:
    """Small facts, and tables by name."""

    facts: Mapping[str, str]
    tables: Mapping[str, pa.Table]


def pack(version: str, facts: Mapping[str, str], **tables: pa.Table) -> bytes:
    """As one piece; `version` is the form of what is in it."""
    parts = []
    for table in tables.values():
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
            writer.write_table(table)
        parts.append(sink.getvalue().to_pybytes())
    head = {
        "version": version,
        "facts": dict(facts),
        "sizes": dict(zip(tables, map(len, parts), strict=True)),
    }
    return json.dumps(head).encode() + b"\n" + b"".join(parts)


def unpack(version: str, kept: bytes, *names: str) -> Kept | None:
    """What `pack` made, None where that was of another version or is nothing."""
    head, _, rest = kept.partition(b"\n")
    if not head:
        return None
    said = json.loads(head)
    if said["version"] != version or tuple(said["sizes"]) != names:
        return None
    tables = {}
    for name, size in said["sizes"].items():
        tables[name] = pa.ipc.open_stream(rest[:size]).read_all()
        rest = rest[size:]
    return Kept(said["facts"], tables)
