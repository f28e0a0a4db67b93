"""Bytes that a flow takes on disk, in raw flows and in roll-ups."""

from __future__ import annotations

import pyarrow.parquet as pq

from benchmarks.ground import Ground


def measure(ground: Ground) -> None:
    """With and without Zeek's uid."""
    company = ground.ingested(ground.company())
    lake = company / "data" / "lake"
    raw, uid, flows = 0, 0, 0
    for path in (lake / "flows").rglob("*.parquet"):
        raw += path.stat().st_size
        metadata = pq.read_metadata(path)
        flows += metadata.num_rows
        uid += _column(metadata, "uid")
    rollups = sum(
        path.stat().st_size
        for room in ("rollups", "months")
        for path in (lake / room).rglob("*.parquet")
    )
    logs = sum(path.stat().st_size for path in (company / "logs").rglob("*") if path.is_file())
    print(f"\n### Bytes a flow, {flows:,} flows\n\n| What | Bytes a flow |\n|---|---|")
    for name, size in (
        ("the logs", logs),
        ("raw flows with uid", raw),
        ("raw flows without uid", raw - uid),
        ("roll-ups of days and months", rollups),
    ):
        print(f"| {name} | {size / flows:.1f} |")
    print(flush=True)


def _column(metadata: pq.FileMetaData, name: str) -> int:
    total = 0
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for column in range(row_group.num_columns):
            if row_group.column(column).path_in_schema == name:
                total += row_group.column(column).total_compressed_size
    return total
