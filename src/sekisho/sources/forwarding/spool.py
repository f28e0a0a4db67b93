"""The folder a site keeps its segments in: what waits, what the centre has, what had to go.

    FOLDER/                the journal: sealed segments that the centre does not have yet
    FOLDER/forwarded/      what it acknowledged, kept until its time is over
    FOLDER/refused/        what it found broken, kept as long
    FOLDER/dropped.json    what went unforwarded and has not been told yet

One process forwards a folder. Killed between any two steps it goes on where it was: a segment is in
one place, and what was dropped is written down before it goes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from pydantic import BaseModel, ValidationError

from sekisho.errors import IntegrityError
from sekisho.sources.forwarding.retention import doomed
from sekisho.sources.forwarding.wire import MOST_SPANS, DroppedSpan, Why
from sekisho.sources.journal.segments import SEALED, SealedSegment, pack, sealed, sync_folder
from sekisho.sources.times import datetime_of, micros_of

FORWARDED, REFUSED, DROPPED = "forwarded", "refused", "dropped.json"
_LATEST = 7_258_118_399_000_000
"""Just before 2200: a name further ahead is no time."""


class _Note(BaseModel):
    """`through`: everything up to this name that still waits is dropped, and counted already."""

    through: str = ""
    spans: tuple[DroppedSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a site holds. `oldest` is when the oldest segment that waits was sealed."""

    pending: int
    pending_bytes: int
    oldest: datetime | None
    forwarded: int
    forwarded_bytes: int
    refused: int
    dropped: tuple[DroppedSpan, ...]


class Spool:
    """A journal's folder as the sender sees it; safe between threads. `steps` hears of durable steps."""

    def __init__(self, folder: Path, steps: Callable[[str], None] = lambda _step: None) -> None:
        self.folder = folder
        self._steps = steps
        self._lock = threading.RLock()
        for below in (FORWARDED, REFUSED):
            (folder / below).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._note = _read_note(folder / DROPPED)

    def pending(self) -> list[SealedSegment]:
        """What the centre does not have, in the order of time."""
        with self._lock:
            return [one for one in sealed(self.folder) if one.name > self._note.through]

    def forwarded(self) -> list[str]:
        """The names of what the centre has, as long as they are kept; in order."""
        return [one.name for one in sealed(self.folder / FORWARDED)]

    def untold(self) -> tuple[DroppedSpan, ...]:
        """Losses that the centre has not noted."""
        return self._note.spans

    def backlog(self) -> Backlog:
        """All of it in figures."""
        with self._lock:
            pending = self.pending()
            kept = sealed(self.folder / FORWARDED)
            return Backlog(
                pending=len(pending),
                pending_bytes=sum(one.size for one in pending),
                oldest=_when(pending[0]) if pending else None,
                forwarded=len(kept),
                forwarded_bytes=sum(one.size for one in kept),
                refused=len(sealed(self.folder / REFUSED)),
                dropped=self._note.spans,
            )

    def acknowledged(self, segment: SealedSegment) -> None:
        """The centre has it: durable here as well when this returns."""
        with self._lock:
            self._move(segment, FORWARDED)

    def refuse(self, segment: SealedSegment) -> None:
        """The centre will never take it: it is set aside, and counted among the losses."""
        with self._lock:
            # Counted first: a kill in between counts it twice rather than never.
            self._add([(segment, "refused")], through=self._note.through)
            self._move(segment, REFUSED)

    def told(self, spans: Iterable[DroppedSpan]) -> None:
        """The centre has noted these losses; one that has grown since is told again."""
        with self._lock:
            noted = set(spans)
            rest = tuple(span for span in self._note.spans if span not in noted)
            if len(rest) != len(self._note.spans):
                self._write(_Note(through=self._note.through, spans=rest))

    def sweep(self, now: datetime, *, keep: timedelta, limit: int, clock_holds: bool = True) -> int:
        """Let go what is older than `keep` or over `limit` bytes; how many went unforwarded.

        While the clock may be wrong, nothing that the centre does not have goes for its age.
        """
        with self._lock:
            kept = [*sealed(self.folder / FORWARDED), *sealed(self.folder / REFUSED)]
            kept.sort(key=lambda one: one.name)
            before = micros_of(now - keep)
            gone = doomed(self.pending(), kept, before=before, limit=limit, clock_holds=clock_holds)
            if gone.pending:
                self._add(gone.pending, through=gone.pending[-1][0].name)
            for one in gone.forwarded:
                one.path.unlink(missing_ok=True)
            for one in sealed(self.folder):
                if one.name <= self._note.through:
                    one.path.unlink(missing_ok=True)
                    self._steps("dropped")
            return len(gone.pending)

    def pack(self, before: int, most: int) -> int:
        """Compress what was begun before an instant (microseconds UTC), at most so many; how many it was.

        The line and the disk carry less. One that is just being sent is sent again, and known.
        """
        waiting = [*self.pending(), *sealed(self.folder / FORWARDED)]
        plain = [one for one in waiting if one.begun_at < before and one.path.name.endswith(SEALED)]
        for one in plain[:most]:
            with self._lock, suppress(FileNotFoundError):
                pack(one)
        return min(len(plain), most)

    def _move(self, segment: SealedSegment, below: str) -> None:
        target = self.folder / below / segment.path.name
        try:
            segment.path.rename(target)
        except FileNotFoundError:
            # A sweep was quicker: the loss that it noted is one that is none.
            return
        self._steps("moved")
        sync_folder(target.parent)
        self._steps("noted")

    def _add(self, lost: Iterable[tuple[SealedSegment, Why]], *, through: str) -> None:
        spans = list(self._note.spans)
        for segment, why in lost:
            if spans and (spans[-1].why == why or len(spans) == MOST_SPANS):
                # Under the same id: the centre puts the grown one in the place of what it noted.
                spans[-1] = _grown(spans[-1], segment)
            else:
                spans.append(_span(segment, why))
        self._write(_Note(through=through, spans=tuple(spans)))

    def _write(self, note: _Note) -> None:
        path = self.folder / DROPPED
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(note.model_dump_json())
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
        sync_folder(self.folder)
        self._note = note
        self._steps("counted")


def _span(segment: SealedSegment, why: Why) -> DroppedSpan:
    return DroppedSpan(
        id=uuid4().hex,
        begin=_when(segment),
        end=_when(segment),
        segments=1,
        size=segment.size,
        why=why,
    )


def _grown(span: DroppedSpan, segment: SealedSegment) -> DroppedSpan:
    return span.model_copy(
        update={
            "begin": min(span.begin, _when(segment)),
            "end": max(span.end, _when(segment)),
            "segments": span.segments + 1,
            "size": span.size + segment.size,
        }
    )


def _when(segment: SealedSegment) -> datetime:
    return datetime_of(min(segment.begun_at, _LATEST))


def _read_note(path: Path) -> _Note:
    try:
        return _Note.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return _Note()
    except ValidationError as error:
        raise IntegrityError(
            f"{path} is not what was written", "Move it away; the losses it counts are told no more."
        ) from error
