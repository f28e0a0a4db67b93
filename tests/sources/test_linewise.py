"""Blocks of lines in order, with and without what joins them."""

from __future__ import annotations

import io

import numpy as np
import pytest

from sekisho.sources import lines, linewise
from sekisho.sources.base import ReadContext, Reject
from sekisho.sources.blocks import Piece
from sekisho.sources.lines import LINE_LIMIT, Lines, blocks_from


def ignoring(part: Lines) -> Piece:
    day = 1_709_251_200_000_000
    return Piece(ignored=part.count, notes=["seen"], alive=[np.array([day], dtype=np.int64)])


def test_every_line_is_accounted_for_once_and_times_of_life_are_spans(context: ReadContext) -> None:
    raw = b"a\nb\n" + b"x" * (LINE_LIMIT + 5) + b"\nc\n"
    batches = list(linewise.read(blocks_from(io.BytesIO(raw), context.first_row), context, ignoring))
    assert sum(batch.ignored for batch in batches) == 3
    assert [reject.row for batch in batches for reject in batch.rejects] == [3]
    assert batches[-1].last_row == 4
    assert len(batches[-1].spans) == 1
    assert batches[-1].notes == ("seen",)


class Counting:
    def __init__(self) -> None:
        self.seen: list[int] = []

    def take(self, made: Lines) -> Piece:
        self.seen.append(made.count)
        return Piece(ignored=made.count)

    def rest(self) -> Piece:
        return Piece(rejects=[Reject.of(1, "never ended", b"")])


def test_what_joins_sees_lines_from_the_first_on(
    context: ReadContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines.line_blocks, "__defaults__", (4,))
    join = Counting()
    late = ReadContext("UTC", 1, context.now, first_row=3)
    batches = list(linewise.read_joined(io.BytesIO(b"a\nb\nc\nd\n"), late, lambda part: part, join))
    assert sum(join.seen) == 4
    assert [reject.reason for batch in batches for reject in batch.rejects] == ["never ended"]
    assert max(batch.last_row for batch in batches) == 4
