"""Windows' own event log files (EVTX).

A chunk that is not whole costs its own records alone, and leaves a gap in their numbers, which is kept as
`records_missing`. What chunks' headers leave out is read all the same, and told. The time is that of the
event (System/TimeCreated): the record header's is when it was written, or copied. Source: Microsoft's
[MS-EVEN6]; Joachim Metz's description of the format.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, cast

from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.lines import Damaged
from sekisho.sources.record_gaps import RecordGaps
from sekisho.sources.times import zone
from sekisho.sources.windows_chunks import ALL_READ, CHUNK, FILE_HEADER, open_up
from sekisho.sources.windows_logons import LogonRows
from sekisho.sources.windows_records import event_of
from sekisho.sources.windows_whole import WholeEvents

MAGIC = b"ElfFile\0"
BATCH = 16_384
"""Records read before a batch is given."""
MOST_FAULTS = 10_000
"""Records that cannot be read, after which the rest of the file is given up."""
_IN_MEMORY = 64 << 20
_BLOCK = 1 << 20
_REST = "; what it could read was kept"


class WindowsEvtx:
    """Event logs as Windows keeps and exports them."""

    name = "windows-evtx"
    family = "windows"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By the file's magic number."""
        return 95 if head.startswith(MAGIC) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See `Reader.read`. A row is a record's place in the file; there are no spans."""
        # Its chunks are read by their places: the whole file is needed, on disk where it is large.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            damage = _copied(stream, copy)
            if not damage and copy.tell() > FILE_HEADER and (copy.tell() - FILE_HEADER) % CHUNK:
                damage = f"the file is cut off within a chunk{_REST}"
            told = open_up(cast(BinaryIO, copy))
            copy.seek(0)
            yield from _batches(copy, context, [*told, *([damage] if damage else [])])


def _copied(stream: BinaryIO, copy: Any) -> str:
    """Why the content is not whole; what could be read of it is written out."""
    try:
        while chunk := stream.read(_BLOCK):
            copy.write(chunk)
    except Damaged as error:
        return f"{error}{_REST}"
    return ""


def _batches(copy: Any, context: ReadContext, told: Sequence[str]) -> Iterator[Batch]:
    asked, local = sorted(context.fields), zone(context.timezone)
    gaps = RecordGaps()
    piece, rows, row = Piece(), LogonRows(asked), 0
    whole = WholeEvents(context.events)
    for record in records_of(copy):
        row += 1
        if isinstance(record, str):
            _reject(piece, context, row, record, whole=whole)
            continue
        try:
            value = _object(record["data"])
            event = event_of(value, local)
        except ValueError as error:
            _reject(piece, context, row, str(error), record["data"], whole=whole)
            continue
        whole.add(row, value, event)
        for gap in gaps.after(row, event):
            if gap.row >= context.first_row:
                rows.missing(gap.row, gap.event, gap.time, gap.text)
        if row >= context.first_row and not rows.add(row, event):
            piece.ignored += 1
        if row % BATCH == 0:
            rows.finish(piece)
            whole.finish(piece)
            yield piece.batch(max(row, context.first_row - 1))
            piece, rows = Piece(), LogonRows(asked)
    for gap in gaps.rest():
        if gap.row >= context.first_row:
            rows.missing(gap.row, gap.event, gap.time, gap.text)
    for sentence in told:
        row += 1
        _reject(piece, context, row, sentence, whole=None if sentence.endswith(ALL_READ) else whole)
    rows.finish(piece)
    whole.finish(piece)
    yield piece.batch(max(row, context.first_row - 1))


def _reject(
    piece: Piece,
    context: ReadContext,
    row: int,
    reason: str,
    text: str = "",
    *,
    whole: WholeEvents | None,
) -> None:
    """Without `whole` no event is missing by it."""
    reject = Reject.of(row, reason, text.encode("utf-8", "replace"))
    if whole is not None:
        whole.miss(reject)
    if row >= context.first_row:
        piece.rejects.append(reject)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("the record is not what a record looks like") from error
    if not isinstance(found, dict):
        raise ValueError("the record is not what a record looks like")
    return found


def records_of(copy: Any) -> Iterator[dict[str, Any] | str]:
    """Records as the library gives them, and in place of those that cannot be read the reason."""
    from evtx import PyEvtxParser

    try:
        records = PyEvtxParser(copy, number_of_threads=1).records_json()
    except (RuntimeError, OSError, ValueError) as error:
        yield f"is no whole event log: {_brief(error)}"
        return
    faults = 0
    while faults < MOST_FAULTS:
        try:
            record = next(records, None)
        except (RuntimeError, OSError, ValueError) as error:
            faults += 1
            yield f"cannot be read: {_brief(error)}"
            continue
        except BaseException as error:
            # What the library takes for its own fault is no Exception; it is this file's all the same.
            if type(error).__name__ != "PanicException":
                raise
            yield "cannot be read: it breaks the decoder; the rest of the file is given up"
            return
        if record is None:
            return
        yield record
    yield f"{MOST_FAULTS:,} records could not be read: the rest of the file is given up"


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
