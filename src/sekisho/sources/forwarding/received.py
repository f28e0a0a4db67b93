"""What sites have delivered: each segment once, in a journal's folder of its collector and lane.

    ROOT/received.db                    what is known of each collector and of each segment
    ROOT/COLLECTOR/incoming/            parts of segments, not looked at yet
    ROOT/COLLECTOR/live/, …/late/       sealed segments, for the lake to take as it takes its own
    ROOT/COLLECTOR/live/NAME.apart      beside a segment that does not follow the one before it

A row says that a file is about to be put in its place; once it is no longer where it was, it counts. So
one write to the database is enough, and whoever is killed between the two finds out which it was.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sekisho.errors import IntegrityError
from sekisho.sources.forwarding.screening import Screened
from sekisho.sources.forwarding.wire import Held, Hello, Lane
from sekisho.sources.journal.segments import PACKED, SEALED, SealedSegment, sealed, sync_folder
from sekisho.sources.times import micros_of

LANES: tuple[Lane, ...] = ("live", "late")
REMEMBERED = timedelta(days=60)
"""How long a hash is known; the lake's own list of what it took goes back for good."""
STALE = timedelta(days=2)
"""A part that has not grown for so long is of a segment that nobody sends any more."""
MOST_PARTS = 16
"""Parts of one collector; the one that has not grown for longest goes first."""
MOST_FOREIGN = 1000
"""Foreign exporters a collector is remembered with; of the others only their number of records."""
APART = ".apart"
DATABASE = "received.db"
SCHEMA = """
CREATE TABLE IF NOT EXISTS segment (
  collector TEXT NOT NULL, sha256 TEXT NOT NULL, source TEXT NOT NULL, records INTEGER NOT NULL,
  received INTEGER NOT NULL,
  PRIMARY KEY (collector, sha256)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS segment_received ON segment (received);
CREATE INDEX IF NOT EXISTS segment_source ON segment (source);
CREATE TABLE IF NOT EXISTS collector (
  name TEXT PRIMARY KEY, heard INTEGER NOT NULL, ahead INTEGER NOT NULL, pending INTEGER NOT NULL,
  pending_bytes INTEGER NOT NULL, oldest INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dropped (
  collector TEXT NOT NULL, id TEXT NOT NULL, begin INTEGER NOT NULL, finish INTEGER NOT NULL,
  segments INTEGER NOT NULL, size INTEGER NOT NULL, why TEXT NOT NULL,
  PRIMARY KEY (collector, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS foreign_exporter (
  collector TEXT NOT NULL, address TEXT NOT NULL, records INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (collector, address)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused_request (
  collector TEXT PRIMARY KEY, requests INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Inlet:
    """One folder of sealed segments for the lake to take, each lane a stream of its own."""

    collector: str
    lane: Lane
    folder: Path


class Received:
    """The centre's side, safe between threads, for one process. `steps` hears of durable steps."""

    def __init__(self, root: Path, steps: Callable[[str], None] = lambda _step: None) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.root = root
        self._steps = steps
        self._lock = threading.RLock()
        try:
            self._db = sqlite3.connect(root / DATABASE, check_same_thread=False)
            self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + SCHEMA)
        except sqlite3.DatabaseError as error:
            raise IntegrityError(
                f"{root / 'received.db'} cannot be read: {error}",
                "Move it away: sites then send what they still have, and the lake passes over what it knows.",
            ) from error

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._db.close()

    def part(self, collector: str, sha256: str) -> Path:
        """Where the part of a segment lies; both names are ours or checked, neither is a path."""
        folder = self.root / collector / "incoming"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / f"{sha256}.part"

    def held(self, collector: str, sha256: str) -> Held:
        """How much of a content there is."""
        with self._lock:
            row = self._db.execute(
                "SELECT source FROM segment WHERE collector = ? AND sha256 = ?", (collector, sha256)
            ).fetchone()
            if row is not None:
                if not row[0] or not (self.root / row[0]).exists():
                    return Held(state="stored")
                # Killed before it was put in its place: what is done with it from now on begins anew.
                self._forget(row[0])
        part = self.part(collector, sha256)
        size = part.stat().st_size if part.is_file() else 0
        return Held(state="partial", offset=size) if size else Held(state="unknown")

    def place(
        self,
        collector: str,
        sha256: str,
        screened: Screened,
        *,
        number: int,
        lane: Lane,
        apart: bool,
        now: datetime,
    ) -> None:
        """Make a segment count; durable when this returns.

        `number` is the name it has at the site. `apart` says that it does not follow the one that was
        placed in this lane before it: what lies between is not lost, it comes later or came before.
        """
        part = self.part(collector, sha256)
        with self._lock:
            source, path = "", None
            if screened.file is not None:
                source = str(screened.file.relative_to(self.root))
                path = self._free(collector, lane, number, PACKED if screened.packed else SEALED)
                if apart:
                    path.with_name(path.name.partition(".")[0] + APART).touch(mode=0o600)
            row = (collector, sha256, source, screened.records, micros_of(now))
            with self._db:
                self._db.execute("INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?)", row)
                self._count_foreign(collector, screened, micros_of(now))
            self._steps("placing")
            if screened.file is not None and path is not None:
                screened.file.rename(path)
                sync_folder(path.parent)
                self._steps("placed")
        part.unlink(missing_ok=True)

    def heard(self, collector: str, hello: Hello, ahead: timedelta, now: datetime) -> None:
        """Note what a site says; durable when this returns."""
        oldest = micros_of(hello.oldest) if hello.oldest is not None else None
        row = (
            collector,
            micros_of(now),
            ahead // timedelta(microseconds=1),
            hello.pending,
            hello.pending_bytes,
            oldest,
        )
        spans = [
            (
                collector,
                one.id,
                micros_of(one.begin),
                micros_of(one.end),
                one.segments,
                one.size,
                one.why,
            )
            for one in hello.dropped
        ]
        with self._lock, self._db:
            self._db.execute("INSERT OR REPLACE INTO collector VALUES (?, ?, ?, ?, ?, ?)", row)
            self._db.executemany("INSERT OR REPLACE INTO dropped VALUES (?, ?, ?, ?, ?, ?, ?)", spans)

    def refused(self, requests: Mapping[str, int], now: datetime) -> None:
        """Add requests that came too often, by collector; '' for certificates of none."""
        rows = [(name, number, micros_of(now)) for name, number in requests.items()]
        with self._lock, self._db:
            self._db.executemany(
                "INSERT INTO refused_request VALUES (?, ?, ?) ON CONFLICT (collector) "
                "DO UPDATE SET requests = requests + excluded.requests, last = excluded.last",
                rows,
            )

    def waiting(self, collector: str) -> int:
        """Bytes that lie there for the lake to take."""
        folders = [inlet.folder for inlet in self.inlets([collector])]
        return sum(one.size for folder in folders for one in sealed(folder))

    def inlets(self, collectors: Iterable[str]) -> tuple[Inlet, ...]:
        """The folders of these collectors, whether or not anything has come."""
        return tuple(
            Inlet(name, lane, self.root / name / lane) for name in collectors for lane in LANES
        )

    def tidy(self, now: datetime) -> None:
        """Forget hashes, parts and marks whose time is over."""
        with self._lock, self._db:
            old = micros_of(now - REMEMBERED)
            self._db.execute("DELETE FROM segment WHERE received < ?", (old,))
        for folder in self.root.glob("*/incoming"):
            found = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)
            stale = (now - STALE).timestamp()
            for place, path in enumerate(found):
                if path.stat().st_mtime < stale or place < len(found) - MOST_PARTS:
                    with self._lock:
                        # A row whose file is gone says that it counts.
                        self._forget(str(path.relative_to(self.root)))
                        path.unlink(missing_ok=True)
        for mark in self.root.glob(f"*/*/*{APART}"):
            if not any(mark.with_suffix(ending).exists() for ending in (SEALED, PACKED)):
                mark.unlink(missing_ok=True)

    def _free(self, collector: str, lane: Lane, number: int, ending: str) -> Path:
        folder = self.root / collector / lane
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A site that lost its folder may use a name again; what it calls is another content all the same.
        while any((folder / f"{number:020d}{one}").exists() for one in (SEALED, PACKED)):
            number += 1
        return folder / f"{number:020d}{ending}"

    def _forget(self, source: str) -> None:
        with self._db:
            self._db.execute("DELETE FROM segment WHERE source = ?", (source,))

    def _count_foreign(self, collector: str, screened: Screened, now: int) -> None:
        known = {
            row[0]
            for row in self._db.execute(
                "SELECT address FROM foreign_exporter WHERE collector = ?", (collector,)
            )
        }
        named = 0
        counts: dict[str, int] = {}
        for address, records in screened.foreign.items():
            if address in known or len(known) < MOST_FOREIGN:
                known.add(address)
                counts[address] = records
                named += records
        if screened.foreign_records > named:
            counts[""] = screened.foreign_records - named
        self._db.executemany(
            "INSERT INTO foreign_exporter VALUES (?, ?, ?, ?) ON CONFLICT (collector, address) "
            "DO UPDATE SET records = records + excluded.records, last = excluded.last",
            [(collector, address, records, now) for address, records in counts.items()],
        )


def follows(before: SealedSegment | None, segment: SealedSegment) -> bool:
    """Whether a segment was written right after the one that was taken before it, as far as is known."""
    if before is None or before.path.parent != segment.path.parent:
        return False
    return not segment.path.with_name(segment.name + APART).exists()


def take_out(segment: SealedSegment) -> None:
    """The lake has it. Raises OSError."""
    segment.path.unlink(missing_ok=True)
    segment.path.with_name(segment.name + APART).unlink(missing_ok=True)
