"""Converting a block of lines: fast where all lines are well formed, line by line where one is not.

A block that the fast path refuses is halved until the refusing piece is small, so that a few bad lines
in a large log cost little and each still gets its exact number and reason.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.sources.base import Batch, Reject, no_flows
from sekisho.sources.draft import Draft
from sekisho.sources.lines import Lines
from sekisho.sources.logon_draft import LogonDraft
from sekisho.sources.name_draft import NameDraft
from sekisho.sources.translated import Translations, of_draft

SMALL = 256
"""Lines below which a refused piece is read line by line."""

Given = TypeVar("Given")
Made = TypeVar("Made")


class Refused(Exception):
    """The fast path cannot vouch for this piece."""


@dataclass(slots=True)
class Piece:
    """What one block of lines became.

    `fields` are raw columns asked for, parallel to `flows`; so are `name_fields` to `names` and
    `logon_fields` to `logons`. `events`, `cut` and `unread` are as in a batch. `alive` are times (microseconds)
    at which records that are no flows show that the sensor was alive.
    """

    flows: list[pa.Table] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    fields: list[pa.Table] = field(default_factory=list)
    ignored: int = 0
    notes: list[str] = field(default_factory=list)
    alive: list[npt.NDArray[np.int64]] = field(default_factory=list)
    names: list[pa.Table] = field(default_factory=list)
    name_fields: list[pa.Table] = field(default_factory=list)
    logons: list[pa.Table] = field(default_factory=list)
    logon_fields: list[pa.Table] = field(default_factory=list)
    events: list[pa.Table] = field(default_factory=list)
    cut: int = 0
    unread: list[Reject] = field(default_factory=list)

    def take(self, draft: Draft, texts: Callable[[], list[bytes]], fields: pa.Table | None) -> None:
        """Add finished flows; `texts` gives the lines parallel to the draft, asked only for rejects."""
        table, failed, kept = draft.finish()
        self.flows.append(table)
        self.ignored += draft.ignored
        if failed:
            lines = texts()
            self.rejects.extend(
                Reject.of(int(draft.rows[index]), reason, lines[index]) for index, reason in failed
            )
        if fields is not None:
            self.fields.append(fields if kept is None else fields.filter(pa.array(kept)))

    def take_names(
        self, draft: NameDraft, texts: Callable[[], list[bytes]], fields: pa.Table | None
    ) -> None:
        """Add finished names; the rest is as for flows."""
        found = draft.finish()
        self.names.append(found.names)
        self.ignored += found.ignored
        self.notes.extend(found.notes)
        if found.failed:
            lines = texts()
            self.rejects.extend(
                Reject.of(int(draft.rows[index]), reason, lines[index])
                for index, reason in found.failed
            )
        if fields is not None:
            self.name_fields.append(fields.take(pa.array(found.places)))

    def take_logons(
        self, draft: LogonDraft, texts: Callable[[], list[bytes]], fields: pa.Table | None
    ) -> None:
        """Add finished logons; the rest is as for flows."""
        found = draft.finished()
        self.logons.append(found.logons)
        self.ignored += found.ignored
        if found.failed:
            lines = texts()
            self.rejects.extend(
                Reject.of(int(draft.rows[index]), reason, lines[index])
                for index, reason in found.failed
            )
        if fields is not None:
            self.logon_fields.append(fields.take(pa.array(found.places)))

    def take_translations(self, draft: Draft, ends: Translations, fields: pa.Table | None) -> None:
        """Add what a draft's records tell of translated ends."""
        names, places = of_draft(draft, ends)
        if names.num_rows:
            self.names.append(names)
            if fields is not None:
                self.name_fields.append(fields.take(pa.array(places)))

    def add(self, other: Piece) -> None:
        """Take in what other lines of the same block became; raw columns as they were asked for."""
        for name in Piece.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def batch(self, last_row: int) -> Batch:
        """The piece as a batch that ends with `last_row`."""
        return Batch(
            flows=pa.concat_tables(self.flows) if self.flows else no_flows(),
            rejects=tuple(self.rejects),
            last_row=last_row,
            ignored=self.ignored,
            fields=pa.concat_tables(self.fields) if self.fields else None,
            names=pa.concat_tables(self.names) if self.names else None,
            name_fields=pa.concat_tables(self.name_fields) if self.name_fields else None,
            logons=pa.concat_tables(self.logons) if self.logons else None,
            logon_fields=pa.concat_tables(self.logon_fields) if self.logon_fields else None,
            events=pa.concat_tables(self.events) if self.events else None,
            cut=self.cut,
            unread=tuple(self.unread),
        )


def refused(lines: Lines, why: str) -> Piece:
    """What becomes of lines none of which can be read, for one reason; blank ones are ignored."""
    piece = Piece()
    for row, text in enumerate(lines.texts(), lines.first):
        if text.strip():
            piece.rejects.append(Reject.of(row, why, text))
        else:
            piece.ignored += 1
    return piece


def convert(
    lines: Lines, fast: Callable[[Lines, Piece], None], slow: Callable[[Lines, Piece], None]
) -> Piece:
    """Run `fast` on ever smaller pieces until it accepts, and `slow` on the small ones it refuses.

    `fast` must either add everything of its lines to the piece or raise Refused (or ArrowInvalid) before
    adding anything.
    """
    piece = Piece()
    waiting = [lines]
    while waiting:
        part = waiting.pop()
        try:
            fast(part, piece)
        except (Refused, pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError):
            if part.count <= SMALL:
                slow(part, piece)
            else:
                first, second = part.split()
                waiting += [second, first]
    piece.rejects.sort(key=lambda reject: reject.row)
    return piece


def in_order(
    function: Callable[[Given], Made], items: Iterable[Given], workers: int = 2
) -> Iterator[Made]:
    """Results of `function` in the order of `items`, the next few worked on ahead.

    Bounded: at most `workers` + 1 items are in hand. Arrow and NumPy release the interpreter lock.
    """
    waiting: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="reader") as pool:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def row_numbers(lines: Lines) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The number of each line."""
    if lines.numbers is not None:
        return np.array(lines.numbers, dtype=np.int64)
    return np.arange(lines.first, lines.first + lines.count, dtype=np.int64)
