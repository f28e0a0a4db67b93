"""From pieces of a file to batches of flows: what readers of any carrier of datagrams share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.sources.base import Batch, ReadContext, Reject, no_flows
from sekisho.sources.blocks import Piece
from sekisho.sources.netflow.chunks import Decoded, Loss
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.netflow.decoder import Decoder
from sekisho.sources.netflow.flows import drafts, raw_fields, translations
from sekisho.sources.spans import Alive

Pieces = Callable[[BinaryIO], Iterator[Datagrams | Reject]]

MEMORY = "netflow"
LATER_FILES = 64
"""Files of the same sensor that are looked through for templates that did not come."""


def decoder_of(context: ReadContext) -> Decoder:
    """The decoder of a sensor, which knows what its earlier files of this run announced."""
    found = context.memory.get(MEMORY)
    if not isinstance(found, Decoder):
        found = context.memory[MEMORY] = Decoder()
    return found


class Reading:
    """One file's datagrams on their way to batches."""

    def __init__(self, context: ReadContext) -> None:
        self._context = context
        self._decoder = decoder_of(context)
        self._before = {_key(loss): loss for loss in self._decoder.losses()}
        self._alive = Alive()
        self._translated = 0

    def batch(self, datagrams: Datagrams) -> Batch:
        """The flows of a piece."""
        last = int(datagrams.rows.max()) if len(datagrams) else 0
        return self._batch(self._decoder.decode(datagrams), last)

    def also(self, flows: pa.Table) -> None:
        """Flows of the same file that were read otherwise show the sensor alive too."""
        self._alive.add(flows)

    def rest(self, pieces: Pieces, last_row: int) -> Iterator[Batch]:
        """What waited for templates that stand in the sensor's later files, then what never will come."""
        if self._decoder.waits_for:
            for stream in islice(self._context.later(), LATER_FILES):
                for piece in pieces(stream):
                    if isinstance(piece, Datagrams):
                        self._decoder.learn(piece)
                yield self._batch(self._decoder.settle(), last_row)
                if not self._decoder.waits_for:
                    break
        yield self._batch(self._decoder.finish(), last_row)

    def spans(self) -> Alive:
        """The times in which the file shows its sensor alive."""
        return self._alive

    def notes(self) -> tuple[str, ...]:
        """What a person should know of the whole file."""
        notes = [
            note
            for loss in self._decoder.losses()
            if (note := _lost(loss, self._before.get(_key(loss))))
        ]
        if self._translated:
            notes.append(
                f"{self._translated} flows carry translated addresses; they are judged by the original ones"
            )
        return tuple(notes)

    def _batch(self, decoded: Decoded, last_row: int) -> Batch:
        first = self._context.first_row
        piece = Piece()
        for draft, records, others in drafts(decoded.chunks, self._context):
            wanted = self._context.fields
            fields = raw_fields(records, wanted) if wanted else None
            ends = translations(records, draft)
            if ends is not None:
                piece.take_translations(draft, ends, fields)
            piece.take(draft, partial(_nothing, len(draft)), fields)
            piece.ignored += int((others >= first).sum())
            self._translated += len(records) if ends is not None else 0
        piece.ignored += sum(int((rows >= first).sum()) for rows in decoded.others)
        piece.rejects += [Reject.of(f.row, f.reason, f.text) for f in decoded.faults]
        piece.rejects = sorted((r for r in piece.rejects if r.row >= first), key=lambda r: r.row)
        if first > 1:
            _drop_before(piece, first)
        for table in piece.flows:
            self._alive.add(table)
        return piece.batch(last_row)


def read_pieces(
    pieces: Pieces, stream: BinaryIO, context: ReadContext, nothing: str = ""
) -> Iterator[Batch]:
    """Batches of a whole file. `nothing` is said where it holds no datagram at all."""
    reading = Reading(context)
    row = 0
    for piece in pieces(stream):
        if isinstance(piece, Datagrams):
            batch = reading.batch(piece)
        elif piece.row >= context.first_row:
            batch = Batch(no_flows(), (piece,), piece.row)
        else:
            continue
        row = max(row, batch.last_row)
        yield batch
    if not row and nothing:
        yield Batch(no_flows(), (Reject(1, nothing),), 1)
    yield from reading.rest(pieces, row)
    yield Batch(no_flows(), (), row, reading.spans().spans(), notes=reading.notes())


def _nothing(count: int) -> list[bytes]:
    """Records are kept as their datagram, which the row names; their bytes are not at hand any more."""
    return [b""] * count


def _drop_before(piece: Piece, first: int) -> None:
    masks = [pc.greater_equal(table["row"], first) for table in piece.flows]
    piece.flows = [table.filter(mask) for table, mask in zip(piece.flows, masks, strict=True)]
    if piece.fields:
        piece.fields = [table.filter(mask) for table, mask in zip(piece.fields, masks, strict=True)]
    masks = [pc.greater_equal(table["row"], first) for table in piece.names]
    piece.names = [table.filter(mask) for table, mask in zip(piece.names, masks, strict=True)]
    if piece.name_fields:
        piece.name_fields = [
            table.filter(mask) for table, mask in zip(piece.name_fields, masks, strict=True)
        ]


def _key(loss: Loss) -> tuple[str, int, int]:
    return loss.exporter, loss.version, loss.domain


def _lost(loss: Loss, before: Loss | None) -> str:
    lost = loss.lost - (before.lost if before else 0)
    received = loss.received - (before.received if before else 0)
    if lost <= 0:
        return ""
    who = f"exporter {loss.exporter}" if loss.exporter else "the exporter"
    return (
        f"{who}, domain {loss.domain}: {lost} {loss.unit} are missing by their sequence numbers,"
        f" {received} came"
    )
