"""Verdicts for whole tables of combinations, each distinct set of rules worked out once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.model.flows import TIME
from sekisho.model.verdicts import Rank
from sekisho.policy.judge import Judge, bits
from sekisho.policy.timeline import Piece

Ints = npt.NDArray[np.int64]
COLUMNS = ("src_class", "dst_class", "protocol", "port")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Decider:
    """One table's verdicts. A *plan* is a distinct set of rules, or a fixed verdict; an *answer* is a
    distinct tuple of pieces of time."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.answers: list[tuple[Piece, ...]] = []
        self._answer_of: dict[tuple[Piece, ...], int] = {}

    def decide(self, combinations: Any) -> Any:
        """See `CompiledPolicy.decide`."""
        columns = {n: combinations[n].to_numpy().astype(np.int64, copy=False) for n in COLUMNS}
        answers = self._answers(columns)
        lengths = np.array([len(pieces) for pieces in self.answers] or [0], dtype=np.int64)
        offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
        counts = lengths[answers] if len(answers) else np.zeros(0, dtype=np.int64)
        rows = np.repeat(np.arange(len(answers)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        pieces = [piece for answer in self.answers for piece in answer]
        at = offsets[answers[rows]] + within
        taken = combinations.select(COLUMNS).take(pa.array(rows))
        for name, column in _piece_columns(pieces, at).items():
            taken = taken.append_column(name, column)
        return taken

    def _answers(self, columns: dict[str, Ints]) -> Ints:
        """The number of the answer of each row."""
        sources, destinations = columns["src_class"], columns["dst_class"]
        width = int(max(destinations.max(initial=0), 0)) + 1
        pairs, inverse = np.unique(sources * width + destinations, return_inverse=True)
        plans: dict[int, int] = {}
        plan_of = np.empty(len(pairs), dtype=np.int64)
        for position, pair in enumerate(pairs.tolist()):
            found = self.judge.pair(*divmod(pair, width))
            # Fixed verdicts share the numbering with sets of rules: they are keyed below zero.
            mark = -1 - int(found) if isinstance(found, Rank) else found
            plan_of[position] = plans.setdefault(mark, len(plans))
        plan = plan_of[inverse]
        keys = (columns["protocol"] << 16) | columns["port"]
        answers = np.empty(len(plan), dtype=np.int64)
        order = np.argsort(plan, kind="stable")
        edges = np.searchsorted(plan[order], np.arange(len(plans) + 1))
        for number, mark in enumerate(plans):
            rows = order[edges[number] : edges[number + 1]]
            answers[rows] = self._plan(mark, keys[rows])
        return answers

    def _plan(self, mark: int, keys: Ints) -> Ints | int:
        if mark < 0:
            return self._answer((Piece(None, None, Rank(-1 - mark)),))
        if mark == 0:
            return self._answer(self.judge.pieces(0))
        starts, masks = self._segments(mark)
        answers = np.array([self._answer(self.judge.pieces(mask)) for mask in masks], dtype=np.int64)
        return answers[np.searchsorted(starts, keys, "right") - 1]

    def _segments(self, mark: int) -> tuple[Ints, list[int]]:
        """Services cut where any of the rules begins or ends: first keys, and the rules of each."""
        positions = list(bits(mark))
        edges = {0}
        for position in positions:
            for first, last in self.judge.spans[position]:
                edges.update((first, last + 1))
        starts = sorted(edges)
        masks = [0] * len(starts)
        index = {start: number for number, start in enumerate(starts)}
        for position in positions:
            for first, last in self.judge.spans[position]:
                for number in range(index[first], index[last + 1]):
                    masks[number] |= 1 << position
        return np.array(starts, dtype=np.int64), masks

    def _answer(self, pieces: tuple[Piece, ...]) -> int:
        known = self._answer_of.get(pieces)
        if known is None:
            known = self._answer_of[pieces] = len(self.answers)
            self.answers.append(pieces)
        return known


def _piece_columns(pieces: list[Piece], at: Ints) -> dict[Any, Any]:
    columns: dict[Any, Any] = {}
    for name in ("begin", "end"):
        moments = [getattr(piece, name) for piece in pieces]
        values = np.array([micros(moment) for moment in moments] or [0], dtype=np.int64)
        nulls = np.array([moment is None for moment in moments] or [True])
        array = pa.array(values[at], mask=nulls[at]) if len(at) else pa.array([], pa.int64())
        columns[name] = array.cast(pa.int64()).cast(TIME)
    ranks = np.array([int(piece.rank) for piece in pieces] or [0], dtype=np.int8)
    columns[pa.field("rank", pa.int8(), nullable=False)] = pa.array(ranks[at], pa.int8())
    return columns


def micros(moment: datetime | None) -> int:
    """Microseconds since 1970, exact; 0 for None."""
    return 0 if moment is None else (moment - _START) // _MICROSECOND
