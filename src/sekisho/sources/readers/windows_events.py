"""Windows events as JSON, one a line, in whichever of three forms.

See `windows_records` for the forms and `windows_logons` for the events that are kept. Numbers of records are
not looked at: what a collector forwards was chosen, and comes in no order.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from typing import BinaryIO

from sekisho.sources import linewise
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.json_records import object_of
from sekisho.sources.lines import Lines, blocks_from
from sekisho.sources.times import zone
from sekisho.sources.windows_logons import LogonRows
from sekisho.sources.windows_records import event_of, is_event
from sekisho.sources.windows_whole import WholeEvents

_SNIFF_LINES = 64


class WindowsEvents:
    """Exports of Winlogbeat, NXLog, evtx_dump and their like."""

    name = "windows-events"
    family = "windows"
    one_way = False

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By lines that are all events; one that is cut off at the end says nothing."""
        found = 0
        for line in head.split(b"\n")[:_SNIFF_LINES]:
            record = object_of(line, str)
            if record is None:
                if line.strip() and not found:
                    return 0
                continue
            if not is_event(record):
                return 0
            found = 88
        return found

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """One batch a block of lines. See `Reader.read`; there are no spans."""
        local, asked = zone(context.timezone), sorted(context.fields)

        def convert(lines: Lines) -> Piece:
            return _convert(lines, local, asked, context.events)

        yield from linewise.read(blocks_from(stream, context.first_row), context, convert)


def _convert(lines: Lines, local: tzinfo, asked: list[str], events: int | None) -> Piece:
    piece, rows, whole = Piece(), LogonRows(asked), WholeEvents(events)
    for row, text in enumerate(lines.texts(), lines.first):
        if not text.strip():
            piece.ignored += 1
            continue
        record = object_of(text, str)
        if record is None or not is_event(record):
            reason = "is no JSON object" if record is None else "is no Windows event"
            piece.rejects.append(whole.miss(Reject.of(row, reason, text)))
            continue
        try:
            event = event_of(record, local)
        except ValueError as error:
            piece.rejects.append(whole.miss(Reject.of(row, str(error), text)))
            continue
        whole.add(row, record, event)
        if not rows.add(row, event):
            piece.ignored += 1
    rows.finish(piece)
    whole.finish(piece)
    return piece
