from __future__ import annotations

import threading

import numpy as np
import pytest

from sekisho.sources import blocks
from sekisho.sources.base import Reject
from sekisho.sources.blocks import Piece, Refused, convert, in_order, refused, row_numbers
from sekisho.sources.lines import Lines


def test_only_the_refused_part_goes_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "SMALL", 4)
    texts = [b"bad" if n == 70 else b"good" for n in range(100)]
    lines = Lines(1, 100, b"\n".join(texts) + b"\n")
    slow_lines: list[int] = []
    fast_lines = 0

    def fast(part: Lines, piece: Piece) -> None:
        nonlocal fast_lines
        if b"bad" in part.data:
            raise Refused
        fast_lines += part.count

    def slow(part: Lines, piece: Piece) -> None:
        slow_lines.extend(range(part.first, part.first + part.count))
        piece.rejects += [
            Reject.of(row, "bad", text)
            for row, text in enumerate(part.texts(), part.first)
            if text == b"bad"
        ]

    piece = convert(lines, fast, slow)
    assert [reject.row for reject in piece.rejects] == [71]
    assert 71 in slow_lines
    assert len(slow_lines) <= 4
    assert fast_lines + len(slow_lines) == 100


def test_results_come_in_order_and_few_are_in_hand() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.001 * (number % 3))
        with lock:
            running -= 1
        return number * number

    assert list(in_order(work, range(30))) == [n * n for n in range(30)]
    assert most <= 2


def test_an_error_of_one_item_is_raised_where_it_stands() -> None:
    def work(number: int) -> int:
        return 10 // (number - 2)

    results = in_order(work, range(5))
    assert [next(results), next(results)] == [-5, -10]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_piece_without_flows_is_a_batch() -> None:
    batch = Piece(ignored=3).batch(9)
    assert (batch.flows.num_rows, batch.last_row, batch.ignored, batch.fields) == (0, 9, 3, None)
    assert np.array_equal(row_numbers(Lines(5, 3, b"a\nb\nc\n")), [5, 6, 7])


def test_lines_that_cannot_be_read_are_each_refused_but_for_blank_ones() -> None:
    piece = refused(Lines(5, 3, b"a\n \nc\n"), "no header")
    assert [(one.row, one.reason) for one in piece.rejects] == [(5, "no header"), (7, "no header")]
    assert piece.ignored == 1
