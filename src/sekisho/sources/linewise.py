"""Reading a stream of lines block by block: each block becomes a piece, and pieces become batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol, TypeVar

from sekisho.sources.base import Batch, ReadContext, Reject, no_flows
from sekisho.sources.blocks import Piece, in_order
from sekisho.sources.lines import Lines, line_blocks
from sekisho.sources.spans import Alive

Made = TypeVar("Made")
Given = TypeVar("Given", contravariant=True)


class Join(Protocol[Given]):
    """What puts blocks together in order, where records in one belong to records in another."""

    def take(self, made: Given) -> Piece:
        """What is finished with this block."""
        ...

    def rest(self) -> Piece:
        """What never was."""
        ...


def read(
    items: Iterable[Lines | Reject], context: ReadContext, convert: Callable[[Lines], Piece]
) -> Iterator[Batch]:
    """Batches of lines that need nothing of one another; see `Reader.read`."""

    def work(item: Lines | Reject) -> tuple[Lines | Reject, Piece]:
        return item, Piece() if isinstance(item, Reject) else convert(item)

    yield from _batches(in_order(work, items), context)


def read_joined(
    stream: BinaryIO, context: ReadContext, parse: Callable[[Lines], Made], join: Join[Made]
) -> Iterator[Batch]:
    """Batches where a record may end what another block began.

    `parse` runs ahead on several blocks, `join` sees them in order and all of them, those before the
    context's first row too: it gives nothing of those rows.
    """

    def work(item: Lines | Reject) -> tuple[Lines | Reject, Made | None]:
        return item, None if isinstance(item, Reject) else parse(item)

    def pieces() -> Iterator[tuple[Lines | Reject, Piece]]:
        for item, made in in_order(work, line_blocks(stream)):
            if made is not None:
                yield item, join.take(made)
            elif isinstance(item, Reject) and item.row >= context.first_row:
                yield item, Piece()

    yield from _batches(pieces(), context, join.rest)


def _batches(
    pieces: Iterable[tuple[Lines | Reject, Piece]],
    context: ReadContext,
    rest: Callable[[], Piece] = Piece,
) -> Iterator[Batch]:
    alive = Alive()
    last_row = context.first_row - 1
    notes: dict[str, None] = {}

    def looked_at(piece: Piece) -> Batch:
        for table in piece.flows:
            alive.add(table)
        for times in piece.alive:
            alive.saw(times)
        notes.update(dict.fromkeys(piece.notes))
        return piece.batch(last_row)

    for item, piece in pieces:
        if isinstance(item, Reject):
            last_row = max(last_row, item.row)
            # What is not read of a log may have been an event.
            missing = context.events is not None and item.row > context.events
            yield Batch(no_flows(), (item,), last_row, unread=(item,) if missing else ())
        else:
            last_row = max(last_row, item.first + item.count - 1)
            yield looked_at(piece)
    yield looked_at(rest())
    yield Batch(no_flows(), (), last_row, alive.spans(), notes=tuple(notes))
