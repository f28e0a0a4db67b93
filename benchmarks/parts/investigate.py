"""How well an intrusion is followed from one finding, beside simpler ways."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.chains import tables
from benchmarks.chains.look import Opened, compared
from benchmarks.chains.score import Score
from benchmarks.chains.world import world
from benchmarks.ground import Ground

DEVELOPMENT = range(1000, 1006)
"""Seeds that may be looked at while weights and factors are worked on."""
DEVELOPMENT_QUIET = range(2000, 2002)
HELD_OUT = range(7000, 7026)
"""Seeds of the published figures: measured once a version, and no single failure is ever looked at."""
QUIET = range(8000, 8006)
"""Held-out months without any attack."""
BESIDE = 5
"""Every so many months simpler ways are measured too: they read every session there is."""
INGREDIENTS: dict[str, tuple[str, ...]] = {
    "policy": ("policy",),
    "service": ("service",),
    "rarity": ("rarity", "prevalence", "habit"),
    "crossing of sites": ("crossing",),
    "failed tries": ("probing",),
    "time between steps": ("gap", "order"),
    "sessions and bytes together": ("overlap", "relay"),
    "permitted edges in context": ("adjacent", "changed", "onward"),
    "signs of control from outside": ("peer", "shared", "party", "beat", "held", "prompt", "port"),
    "explained already": ("explained",),
}
"""Factors that say the same thing from several sides are left out together."""


@dataclass(frozen=True, slots=True)
class Month:
    """What came of one month."""

    scores: tuple[Score, ...] = ()
    simpler: tuple[tuple[str, int, int, int], ...] = ()
    days: int = 0
    findings: int = 0
    alarms: int = 0


def measure(ground: Ground) -> None:
    """Every chain of the held-out months from one of its findings; every finding of the quiet ones."""
    _evaluate(ground, HELD_OUT, QUIET)


def development(ground: Ground) -> None:
    """The same on the seeds that may be looked at."""
    _evaluate(ground, DEVELOPMENT, DEVELOPMENT_QUIET)


def ablation(ground: Ground) -> None:
    """What each ingredient is worth, on development seeds: a choice among factors must not see the others."""
    print("\n### Without one ingredient, development months\n")
    print("| Left out | Recall of hops | Precision of hops | 80 % in order | Entry at rank 1 |")
    print("|---|---|---|---|---|")
    for name, ids in {"nothing": (), **INGREDIENTS}.items():
        part = partial(_without, ground.scratch, frozenset(ids))
        scores = [s for month in _each(part, DEVELOPMENT[:3]) for s in month.scores]
        print(f"| {name} | {' | '.join(tables.cells(scores)[:4])} |", flush=True)


def _evaluate(ground: Ground, attacked: Sequence[int], quiet: Sequence[int]) -> None:
    months = list(_each(partial(_attacked, ground.scratch), attacked))
    calm = list(_each(partial(_quiet, ground.scratch), quiet))
    scores = [score for month in months for score in month.scores]
    days, findings, alarms = (
        sum(getattr(month, name) for month in calm) for name in ("days", "findings", "alarms")
    )
    print(f"\n### Chains followed from one finding: {len(scores)} in {len(months)} months\n")
    print(tables.chains(scores))
    print(f"\n{tables.leaving(scores)}")
    print(
        f"\n{days} days without an attack: {findings} findings, each followed; {alarms} of the results told of"
        f" a path of two hops and more, {alarms / max(days, 1):.2f} a day."
    )
    rows = [row for month in months for row in month.simpler]
    print(f"\n{tables.simpler(rows, scores)}")
    spent = sorted(score.seconds for score in scores)
    print(
        f"\nCPU seconds an investigation: {spent[len(spent) // 2]:.1f} in the middle, {spent[-1]:.1f} at most."
    )


def _each(part: Callable[[int], Month], seeds: Sequence[int]) -> Iterator[Month]:
    """Months side by side, a process for each core."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for seed, month in zip(seeds, pool.map(part, seeds), strict=True):
            print(f"month {seed}", file=sys.stderr)
            yield month


def _attacked(scratch: Path, seed: int) -> Month:
    made = world(scratch, seed)
    opened = Opened.of(made)
    with opened.lake:
        scores = tuple(score for _, score, _ in opened.scores())
        month = Month(scores, tuple(compared(opened)) if seed % BESIDE == 0 else (), made.days)
    if seed not in DEVELOPMENT:
        shutil.rmtree(made.place)
    return month


def _quiet(scratch: Path, seed: int) -> Month:
    made = world(scratch, seed, attacks=False)
    opened = Opened.of(made)
    with opened.lake:
        findings, alarms = opened.alarms()
    if seed not in DEVELOPMENT_QUIET:
        shutil.rmtree(made.place)
    return Month(days=made.days, findings=findings, alarms=len(alarms))


def _without(scratch: Path, ids: frozenset[str], seed: int) -> Month:
    opened = Opened.of(world(scratch, seed))
    with opened.lake:
        return Month(tuple(score for _, score, _ in opened.scores(ids)))
