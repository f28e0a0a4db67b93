"""Sealed segments into the lake: each counts once, whole, and leaves the journal only after that."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sekisho.app.collecting.accounts import Accounts, Told, kept, serial_of
from sekisho.app.collecting.intake import Intake
from sekisho.app.collecting.scoping import prefixed, scoped
from sekisho.app.collecting.taken import Taken
from sekisho.errors import PartlyRead, RequestError
from sekisho.model.sites import Sensor
from sekisho.sources.base import RawMapping
from sekisho.sources.journal.reading import Records, read_segment
from sekisho.sources.journal.segments import SealedSegment, content_sha256, opened, sealed
from sekisho.store.lake import Lake
from sekisho.store.recording import SEVERAL
from sekisho.store.streams import Collected, Kept
from sekisho.store.writer import FileIdentity, Known, Steps, Writer

READER = "journal"
COMMIT_ROWS = 1_000_000
"""Flows that one commit takes at most, unless one segment alone has more."""
COMMIT_SEGMENTS = 256
BLOCK = 16 << 20
"""Bytes of a segment decoded at once: with a thousand exporters each block costs as much again."""

Follows = Callable[[SealedSegment | None, SealedSegment], bool]
"""Of the segment before (None: of an earlier process) and the next, whether nothing lies between them."""
Retire = Callable[[SealedSegment], None]
"""What is done with a segment that counts."""


class Undecodable(Exception):
    """A fault of this program that a segment brings to light; what was decoded with it is not to be used."""

    def __init__(self, segment: SealedSegment, error: Exception) -> None:
        super().__init__(f"{segment.path.name}: {type(error).__name__}: {error}")
        self.segment = segment


@dataclass(frozen=True, slots=True)
class Origin:
    """A segment as the manifest lists it: its file's number, path, hash and size."""

    file: int
    path: str
    sha256: str
    size: int


@dataclass(slots=True)
class Pending:
    """Decoded and not committed: what a failed commit tries again. `told` belongs to all of it."""

    segments: list[tuple[int, SealedSegment, str, Taken]] = field(default_factory=list)
    told: Told | None = None

    @property
    def rows(self) -> int:
        """Flows that wait for their commit."""
        return sum(taken.rows for *_, taken in self.segments)


@dataclass(slots=True)
class Totals:
    """What became of everything since the collector began."""

    segments: int = 0
    records: int = 0
    flows: int = 0
    rejected: int = 0
    lost: int = 0
    dropped: int = 0
    damaged: int = 0
    commits: int = 0
    waited: int = 0
    """Times at which a commit had to wait for another writer or for disk space."""
    last_commit: datetime | None = None
    last_record: int | None = None
    """When the last record of a segment that counts arrived, microseconds UTC."""
    seconds: float = 0.0
    """The last commit's, from the decoded flows to what is durable."""
    received: Counter[str] = field(default_factory=Counter)
    flows_of: Counter[str] = field(default_factory=Counter)
    strangers: Counter[str] = field(default_factory=Counter)
    unmatched: Counter[str] = field(default_factory=Counter)
    rejected_of: Counter[str] = field(default_factory=Counter)

    def add(self, taken: Taken) -> None:
        """Count a segment that counts."""
        self.segments += 1
        self.records += taken.records
        self.flows += taken.rows
        self.rejected += taken.rejected
        self.lost += taken.lost
        self.dropped += taken.dropped
        self.last_record = max(self.last_record or 0, taken.last)
        self.damaged += taken.damaged
        for own, more in (
            (self.received, taken.received),
            (self.flows_of, taken.flows_of),
            (self.unmatched, taken.unmatched),
            (self.rejected_of, taken.rejected_of),
        ):
            own.update(more)
        for name, count in taken.strangers.items():
            known = name in self.strangers or len(self.strangers) < MOST_STRANGERS
            self.strangers[name if known else ""] += count


MOST_STRANGERS = 10_000


class Committer:
    """The one that empties a journal. `retire` removes a segment that counts, or keeps it elsewhere.

    Several folders are one stream that comes in pieces, the first folder's first; `follows` says of two
    segments whether the second was written after the first. `scope` is whose stream it is: exporters of
    two scopes may have one address and are two all the same.

    Decoding goes on from where the last commit stood, whatever process made it: what a decoder must
    know is written by the commit itself. Raises ValueError where that is damaged.
    """

    def __init__(
        self,
        lake: Lake,
        journal: Path | tuple[Path, ...],
        sensors: Mapping[str, Sensor],
        mappings: Mapping[str, RawMapping],
        *,
        retire: Retire,
        clock: Callable[[], datetime],
        steps: Steps = lambda _step: None,
        commit_rows: int = COMMIT_ROWS,
        scope: str = "",
        follows: Follows = lambda _before, _segment: True,
    ) -> None:
        self._lake = lake
        self._journals = (journal,) if isinstance(journal, Path) else journal
        self._scope = scope
        self._follows = follows
        self._before: SealedSegment | None = None
        self._retire = retire
        self._clock = clock
        self._steps = steps
        self._commit_rows = commit_rows
        self._pending = Pending()
        self._swept = False
        self.totals = Totals()
        streams = scoped(lake.streams(), scope)
        self._origins: dict[int, Origin] = {
            number: Origin(*origin) for number, origin in enumerate(streams.origins, 1)
        }
        serials = {origin.file: number for number, origin in self._origins.items()}
        self._serial = len(serials)
        self.accounts = Accounts.of(streams, serials)
        self._intake = Intake(self.accounts, sensors, mappings)
        self._retire_known()

    def use(self, sensors: Mapping[str, Sensor], mappings: Mapping[str, RawMapping]) -> None:
        """Take the register as it is from now on."""
        self._intake.use(sensors, mappings)

    def backlog(self) -> list[SealedSegment]:
        """Sealed segments that do not count yet."""
        return [segment for journal in self._journals for segment in sealed(journal)]

    def step(self) -> bool:
        """Commit what has been sealed, at most about a million flows; whether there was anything.

        Raises RequestError where another process writes for too long, PartlyRead where the disk is
        full: nothing is lost, call again later.
        """
        if not self._pending.segments:
            self._decode()
        if not self._pending.segments:
            return False
        begun = time.monotonic()
        try:
            self._commit(self._pending)
        except (RequestError, PartlyRead, sqlite3.OperationalError):
            self.totals.waited += 1
            self._swept = False
            raise
        self._steps("counts")
        self.totals.commits += 1
        self.totals.seconds = time.monotonic() - begun
        self.totals.last_commit = self._clock()
        for _, segment, _, taken in self._pending.segments:
            self.totals.add(taken)
            self._retire(segment)
            self._steps("retired")
        self._pending = Pending()
        return True

    def _retire_known(self) -> None:
        """A collector that was killed after its commit left segments that count."""
        for segment in self.backlog():
            if not self._lake.collected(content_sha256(segment)):
                # Segments count in their order.
                return
            self._retire(segment)

    def _decode(self) -> None:
        pending = Pending()
        now = self._clock()
        for segment in self.backlog()[:COMMIT_SEGMENTS]:
            sha256 = content_sha256(segment)
            if self._lake.collected(sha256):
                # It came a second time: whoever sent it was not told in time that it counts.
                self._retire(segment)
                continue
            if any(sha256 == earlier for _, _, earlier, _ in pending.segments):
                # The same under two names: once this commit counts, it is known.
                break
            if not self._follows(self._before, segment):
                self.accounts.apart()
            self._before = segment
            self._serial += 1
            with closing(opened(segment)) as stream:
                taken = self._decoded(segment, read_segment(stream, BLOCK), now)
            pending.segments.append((self._serial, segment, sha256, taken))
            self._steps("decoded")
            if pending.rows >= self._commit_rows:
                break
        if pending.segments:
            pending.told = self.accounts.tell()
        self._pending = pending

    def _decoded(self, segment: SealedSegment, blocks: Iterator[Records], now: datetime) -> Taken:
        try:
            return self._intake.segment(self._serial, blocks, now)
        except (OSError, MemoryError):
            raise
        except Exception as error:
            raise Undecodable(segment, error) from error

    def _commit(self, pending: Pending) -> None:
        with self._lake.writer(swept=self._swept) as writer:
            self._swept = True
            origins: dict[int, Origin] = {}
            for serial, segment, sha256, taken in pending.segments:
                name = f"{self._scope}/{segment.path.name}" if self._scope else segment.path.name
                identity = _identity(name, sha256, segment.size)
                decision = writer.begin(identity)
                if isinstance(decision, Known):
                    # An earlier try did count, and was told that it did not.
                    return
                origins[serial] = Origin(decision.file, identity.path, sha256, segment.size)
                for table in taken.flows:
                    writer.add(table)
                for table in taken.names:
                    writer.add_names(table)
                writer.reject(taken.rejects)
                writer.count_rejected(taken.rejected - len(taken.rejects))
                writer.finish(taken.records, notes=tuple(_notes(taken)), ignored=taken.ignored)
                self._late(writer, taken, self._origins | origins, sha256)
            writer.collected(self._news(pending, self._origins | origins))
            writer.commit()
        self._origins |= origins
        self.accounts.forgotten = []
        self._forget()

    def _late(self, writer: Writer, taken: Taken, origins: Mapping[int, Origin], since: str) -> None:
        """Flows of earlier segments: a file of their own each, so that whoever follows new files sees
        them, with the rows and the name of the segment that they came in."""
        for serial, tables in taken.late.items():
            origin = origins[serial]
            digest = hashlib.sha256(f"{origin.sha256} {since}".encode()).hexdigest()
            identity = _identity(origin.path, digest, origin.size, raw=origin.sha256)
            if isinstance(writer.begin(identity), Known):
                raise RuntimeError(f"records of {origin.path} were decoded twice")
            for table in tables:
                writer.add(table)
            for table in taken.late_names.get(serial, ()):
                writer.add_names(table)
            writer.finish(0, notes=("their template came in a later segment",))

    def _news(self, pending: Pending, origins: Mapping[int, Origin]) -> Collected:
        alive: dict[str, list[tuple[int, int]]] = {}
        losses = []
        for *_, taken in pending.segments:
            losses += taken.losses
            for sensor, spans in taken.alive.items():
                alive.setdefault(sensor, []).extend(spans)
        told = pending.told
        if told is None:
            raise RuntimeError("nothing was told of what was decoded")
        waiting: list[Kept] = [kept(one, origins[serial_of(one)].file) for one in told.fresh]
        first = origins[pending.segments[0][0]].file
        gone = self.accounts.forgotten
        news = Collected(alive, losses, told.bodies, told.settled, waiting, gone, first)
        return prefixed(news, self._scope)

    def _forget(self) -> None:
        """Segments in which nothing waits any more."""
        needed = self.accounts.waiting_in()
        self._origins = {serial: one for serial, one in self._origins.items() if serial in needed}


def _identity(path: str, sha256: str, size: int, raw: str | None = None) -> FileIdentity:
    return FileIdentity(
        path=path,
        sensor=SEVERAL,
        reader=READER,
        raw_sha256=raw or sha256,
        raw_size=size,
        content_sha256=sha256,
        content_size=size,
        unterminated=False,
    )


def _notes(taken: Taken) -> Iterator[str]:
    if strangers := sum(taken.strangers.values()):
        yield f"{strangers} records of senders that are no sensor's were not taken"
    if unmatched := sum(taken.unmatched.values()):
        yield f"{unmatched} records are of no sensor that shares their address"
    if taken.dropped:
        yield f"{taken.dropped} datagrams or messages were dropped before they could be written down"
