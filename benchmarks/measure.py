"""Time whole processes, in pairs, and keep the median of several runs."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One finished process, by the operating system's account: seconds, and bytes at its peak."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True)
class Figure:
    """The medians of one command's runs, with the spread of wall time."""

    wall: float
    cpu: float
    peak: int
    fastest: float
    slowest: float


def run(command: Sequence[str | Path], env: dict[str, str] | None = None) -> Run:
    """Run a command to its end; its output goes nowhere, a failure stops the benchmark."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
    )
    assert process.stderr is not None
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command}: exit {process.returncode}\n{complaint.decode(errors='replace')}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def paired(
    commands: Mapping[str, Sequence[str | Path]],
    *,
    runs: int = 5,
    warmup: int = 1,
    before: Callable[[str], None] | None = None,
) -> tuple[dict[str, Figure], dict[str, float]]:
    """Run the commands in turn, A B A B …; figures by name, and the ratio of each to the last one.

    A ratio is the median of the pairs' ratios, so that it holds while the machine's speed drifts.
    `before` puts the ground in order ahead of each run and is not timed.
    """
    results: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(warmup + runs):
        for name, command in commands.items():
            if before is not None:
                before(name)
            result = run(command)
            if number >= warmup:
                results[name].append(result)
    floor = list(commands)[-1]
    figures = {
        name: Figure(
            statistics.median(r.wall for r in done),
            statistics.median(r.cpu for r in done),
            max(r.peak for r in done),
            min(r.wall for r in done),
            max(r.wall for r in done),
        )
        for name, done in results.items()
    }
    ratios = {
        name: statistics.median(
            mine.wall / theirs.wall for mine, theirs in zip(done, results[floor], strict=True)
        )
        for name, done in results.items()
    }
    return figures, ratios
