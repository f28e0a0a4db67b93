"""AWS VPC flow logs as text: versions 2 to 5, fields in any order below a header line.

Files in storage carry the header; lines of a log group do not and have the default fields, or all of
version 5. An export of a log group puts the time of ingestion before each line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from sekisho.sources import aws_vpc, linewise
from sekisho.sources.base import Batch, RawMapping, ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.cells import Separated, Text
from sekisho.sources.lines import Lines, line_blocks

_NAMES = sorted(aws_vpc.EVERY, key=len, reverse=True)
_HEADER = re.compile(rb"^(?:" + b"|".join(name.encode() for name in _NAMES) + rb")(?= )[^\n]*\n", re.M)
_DEFAULT = re.compile(
    rb"(?:\d{4}-\d\d-\d\dT[\d:.]+Z )?[2-9] \S+ (?:eni-\S*|-) \S+ \S+ (?:\d+|-) (?:\d+|-) (?:\d+|-) "
    rb"(?:\d+|-) (?:\d+|-) \d+ \d+ (?:ACCEPT|REJECT|-) (?:OK|NODATA|SKIPDATA)[ \r\n]"
)
_EXPORTED = "ingested"


class AwsVpcText:
    """VPC flow logs, text."""

    name = "aws-vpc-text"
    family = "vpc"
    one_way = True

    def detect(self, head: bytes, mapping: RawMapping | None = None) -> int:
        """By a header line with AWS's names, or a line of the default format."""
        first = head.split(b"\n", 1)[0] + b"\n"
        if _HEADER.match(first) and not aws_vpc.missing(_names(first)):
            return 90
        return 85 if any(_DEFAULT.match(line + b"\n") for line in head.split(b"\n")[:16]) else 0

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Batch]:
        """See Reader.read. Headers, NODATA and SKIPDATA lines are no flows."""
        layouts: dict[int, tuple[str, ...]] = {}
        items = _items(stream, context, layouts)
        return linewise.read(items, context, lambda lines: _convert(lines, layouts, context))


def _names(header: bytes) -> tuple[str, ...]:
    return tuple(header.decode("utf-8", "replace").split())


def _items(
    stream: BinaryIO, context: ReadContext, layouts: dict[int, tuple[str, ...]]
) -> Iterator[Lines | Reject]:
    """Lines cut where a header stands; `layouts` says by the first row of each part what it holds."""
    names: tuple[str, ...] = ()
    for block in line_blocks(stream):
        if isinstance(block, Reject):
            if block.row >= context.first_row:
                yield block
            continue
        rest: Lines | None = block
        while rest is not None and rest.count:
            found = _HEADER.search(rest.data, 1)
            before = rest.count if found is None else rest.data.count(b"\n", 0, found.start())
            part = rest.take(before) if before < rest.count else rest
            header = _HEADER.match(part.data)
            names = _names(header[0]) if header else names
            wanted = part.drop(min(context.first_row - part.first, part.count))
            if wanted.count:
                layouts[wanted.first] = names
                yield wanted
            rest = None if found is None else rest.drop(before)


def _convert(lines: Lines, layouts: dict[int, tuple[str, ...]], context: ReadContext) -> Piece:
    piece = Piece()
    text = Text.of(lines)
    names = layouts.pop(lines.first)
    rows = np.arange(lines.first, lines.first + lines.count, dtype=np.int64)
    header = bool(_HEADER.match(lines.data))
    idle = text.blank()
    idle[0] |= header
    piece.ignored += int(idle.sum())
    cells = Separated(text, b" ")
    shapes = {len(names): names} if names else _SHAPES
    known = np.isin(cells.counts, list(shapes))
    fault = aws_vpc.missing(names) if names else []
    strange = ~idle & (~known | bool(fault))
    if strange.any():
        every = lines.texts()
        for index in np.flatnonzero(strange).tolist():
            reason = f"its header has no {', '.join(fault)}" if fault else _reason(cells, index, names)
            piece.rejects.append(Reject.of(int(rows[index]), reason, every[index]))
    for size, layout in shapes.items():
        here = np.flatnonzero(~idle & ~strange & (cells.counts == size))
        if not len(here):
            continue
        part = Separated(text.only(here), b" ")
        wanted = {*aws_vpc.USED, *context.fields}
        columns = {name: part.column(at) for at, name in enumerate(layout) if name in wanted}

        def texts(chosen: np.ndarray[tuple[int], np.dtype[np.int64]] = here) -> list[bytes]:
            every = lines.texts()
            return [every[index] for index in chosen.tolist()]

        aws_vpc.take(piece, columns, rows[here], context, texts)
    piece.rejects.sort(key=lambda reject: reject.row)
    return piece


_SHAPES = {
    len(aws_vpc.DEFAULT): aws_vpc.DEFAULT,
    len(aws_vpc.DEFAULT) + 1: (_EXPORTED, *aws_vpc.DEFAULT),
    len(aws_vpc.EVERY): aws_vpc.EVERY,
    len(aws_vpc.EVERY) + 1: (_EXPORTED, *aws_vpc.EVERY),
}
"""What a line without a header holds, by its number of fields."""


def _reason(cells: Separated, index: int, names: tuple[str, ...]) -> str:
    count = int(cells.counts[index])
    if names:
        return f"{count} fields where the header names {len(names)}"
    return f"{count} fields, and no header line says which; without one there are 14 or 29"
