"""What sites told the centre of themselves, read beside the process that receives."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sekisho.sources.forwarding.received import DATABASE, SCHEMA
from sekisho.sources.forwarding.wire import DroppedSpan
from sekisho.sources.times import datetime_of


@dataclass(frozen=True, slots=True)
class CollectorState:
    """What a collector said last, at `heard`. Its clock is `ahead` of the centre's."""

    name: str
    heard: datetime
    ahead: timedelta
    pending: int
    pending_bytes: int
    oldest: datetime | None
    segments: int
    records: int
    foreign: Mapping[str, int]
    """Records that were refused, by exporter; '' for those of exporters beyond the first."""
    too_often: int = 0
    """Requests that were refused because more came than a second may bring."""


def states(root: Path) -> tuple[CollectorState, ...]:
    """Every collector that has ever been heard, by name; another process may be receiving."""
    with closing(_reading(root)) as db:
        foreign: dict[str, dict[str, int]] = {}
        for name, address, records in db.execute(
            "SELECT collector, address, records FROM foreign_exporter ORDER BY collector, address"
        ):
            foreign.setdefault(name, {})[address] = records
        often = _refused(db)
        rows = db.execute(
            "SELECT name, heard, ahead, pending, pending_bytes, oldest, "
            "(SELECT count(*) FROM segment WHERE collector = name), "
            "(SELECT coalesce(sum(records), 0) FROM segment WHERE collector = name) "
            "FROM collector ORDER BY name"
        ).fetchall()
    return tuple(
        CollectorState(
            name,
            datetime_of(heard),
            timedelta(microseconds=ahead),
            pending,
            size,
            None if oldest is None else datetime_of(oldest),
            segments,
            records,
            foreign.get(name, {}),
            often.get(name, 0),
        )
        for name, heard, ahead, pending, size, oldest, segments, records in rows
    )


def refused(root: Path) -> dict[str, int]:
    """Requests that came too often, by collector; '' for certificates of none."""
    with closing(_reading(root)) as db:
        return _refused(db)


def _refused(db: sqlite3.Connection) -> dict[str, int]:
    # A centre of an older program has no such table yet.
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'refused_request'").fetchone():
        return {}
    return dict(db.execute("SELECT collector, requests FROM refused_request").fetchall())


def losses(root: Path) -> dict[str, tuple[DroppedSpan, ...]]:
    """What each collector could not keep until the centre had it, in the order of time."""
    found: dict[str, list[DroppedSpan]] = {}
    with closing(_reading(root)) as db:
        for name, id_, begin, end, segments, size, why in db.execute(
            "SELECT collector, id, begin, finish, segments, size, why FROM dropped ORDER BY begin"
        ):
            found.setdefault(name, []).append(
                DroppedSpan(
                    id=id_,
                    begin=datetime_of(begin),
                    end=datetime_of(end),
                    segments=segments,
                    size=size,
                    why=why,
                )
            )
    return {name: tuple(spans) for name, spans in found.items()}


def _reading(root: Path) -> sqlite3.Connection:
    path = root / DATABASE
    db = sqlite3.connect(path if path.is_file() else ":memory:")
    if not path.is_file():
        db.executescript(SCHEMA)
    return db
