"""How well an intrusion is followed from one finding, and what that costs."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.chains.look import Opened
from benchmarks.chains.score import Score
from benchmarks.chains.tables import chains
from benchmarks.chains.world import world
from benchmarks.ground import Ground

DEVELOPMENT = range(1000, 1006)
"""Seeds that may be looked at while weights and factors are worked on."""
DEVELOPMENT_QUIET = range(2000, 2002)
HELD_OUT = range(7000, 7026)
"""Seeds of the published figures: measured once a version, and no single failure is ever looked at."""
QUIET = range(8000, 8006)
"""Held-out months without any attack."""


def measure(ground: Ground) -> None:
    """Every chain of the held-out months from one of its findings; every finding of the quiet ones."""
    evaluate(ground, HELD_OUT, QUIET)


def development(ground: Ground) -> None:
    """The same on the seeds that may be looked at."""
    evaluate(ground, DEVELOPMENT, DEVELOPMENT_QUIET)


def evaluate(ground: Ground, attacked: Sequence[int], quiet: Sequence[int]) -> None:
    """Print the tables of some months."""
    begin = time.process_time()
    scores: list[Score] = []
    for opened in _months(ground, attacked, attacks=True):
        scores += [score for _, score, _ in opened.scores()]
    print(f"\n### Chains followed from one finding, {len(attacked)} months\n")
    print(chains(scores), flush=True)
    findings = alarms = days = 0
    for opened in _months(ground, quiet, attacks=False):
        some, told = opened.alarms()
        findings, alarms, days = findings + some, alarms + len(told), days + opened.world.days
    print(
        f"\n{days} days without an attack: {findings} findings, each followed; {alarms} of the results told of"
        f" a path of two hops and more, {alarms / max(days, 1):.2f} a day."
    )
    spent = sorted(score.seconds for score in scores)
    print(
        f"\nAn investigation took {spent[len(spent) // 2]:.1f} s in the middle, {spent[-1]:.1f} s at most;"
        f" all of it {time.process_time() - begin:.0f} CPU seconds."
    )


def _months(ground: Ground, seeds: Sequence[int], *, attacks: bool) -> Iterator[Opened]:
    """Each month's lake in turn. Held-out ones are not kept: they take a gigabyte together."""
    for seed in seeds:
        print(f"month {seed} ...", file=sys.stderr)
        made = world(ground.scratch, seed, attacks=attacks)
        opened = Opened.of(made)
        with opened.lake:
            yield opened
        if seed not in DEVELOPMENT and seed not in DEVELOPMENT_QUIET:
            shutil.rmtree(made.place)
