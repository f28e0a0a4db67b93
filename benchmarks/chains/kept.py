"""Months that were measured, a JSON line each: what takes hours may be broken off and gone on with.

A line bears the digest of the code that followed its chains, so that figures of two versions are never mixed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import msgspec

from benchmarks.chains.score import Score

ROOT = Path(__file__).parents[2]
FOLLOWING = ("src/sekisho/investigate", "benchmarks/chains")
"""The code that figures hang on; what judges and stores has its own tests."""


@dataclass(frozen=True, slots=True)
class Task:
    """One month to measure: `seed`, with intrusions or without, `without` the factors of an ingredient."""

    what: Literal["attacked", "quiet"]
    seed: int
    without: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """What came of one month: a score for each chain, one row for each simpler way on each of them, and of a
    quiet month its days, its findings and how many chains were told of."""

    task: Task
    code: str
    scores: tuple[Score, ...] = ()
    simpler: tuple[tuple[str, int, int, int], ...] = ()
    days: int = 0
    findings: int = 0
    alarms: int = 0


@dataclass
class Kept:
    """The months of one file."""

    path: Path
    processes: int

    @cached_property
    def code(self) -> str:
        """Digest of the code that follows chains and scores them."""
        digest = hashlib.sha256()
        for folder in FOLLOWING:
            for file in sorted((ROOT / folder).rglob("*.py")):
                digest.update(file.read_bytes())
        return digest.hexdigest()[:12]

    def months(self, tasks: Iterable[Task]) -> list[Month]:
        """Those of some tasks that were measured with this code."""
        known = {month.task: month for month in self._read() if month.code == self.code}
        return [known[task] for task in tasks if task in known]

    def measure(
        self, tasks: Iterable[Task], part: Callable[[Task, str], Month]
    ) -> Iterator[tuple[int, int]]:
        """Measure what is not there yet, side by side; yields how many of all are done."""
        tasks = list(tasks)
        done = {month.task for month in self.months(tasks)}
        left = [task for task in tasks if task not in done]
        if not left:
            return
        with ProcessPoolExecutor(self.processes, get_context("spawn")) as pool:
            for future in as_completed([pool.submit(part, task, self.code) for task in left]):
                self._add(future.result())
                done.add(future.result().task)
                yield len(done), len(tasks)

    def _read(self) -> Iterator[Month]:
        if not self.path.exists():
            return
        for line in self.path.read_bytes().splitlines(keepends=True):
            # What was being written when it was broken off ends without its newline.
            if line.endswith(b"\n"):
                yield msgspec.json.decode(line, type=Month)

    def _add(self, month: Month) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = self.path.read_bytes() if self.path.exists() else b""
        with self.path.open("ab") as file:
            file.truncate(whole.rfind(b"\n") + 1)
            file.write(msgspec.json.encode(month) + b"\n")
            file.flush()
            os.fsync(file.fileno())
