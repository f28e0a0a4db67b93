"""How well an intrusion is followed from one finding, beside simpler ways.

Months are kept as they are measured (`benchmarks.chains.kept`): broken off and asked again it goes on, and
`investigate-so-far` prints the figures of what there is.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.chains import tables
from benchmarks.chains.kept import Kept, Month, Task
from benchmarks.chains.look import Opened, compared
from benchmarks.chains.world import world
from benchmarks.ground import Ground

DEVELOPMENT = (*range(1000, 1006), *range(8100, 8108))
"""Seeds that may be looked at while weights and factors are worked on."""
DEVELOPMENT_QUIET = (2000, 2001, 8150)
HELD_OUT = range(7003, 7033)
"""Seeds of the published figures: measured once a version, and no single failure is ever looked at. Misses of
7000 to 7002 were seen once."""
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
    "permitted edges in context": ("adjacent", "changed", "bulk", "onward", "bridge"),
    "signs of control from outside": ("peer", "shared", "party", "beat", "held", "prompt", "port"),
    "explained already": ("explained",),
}
"""Factors that say the same thing from several sides are left out together."""
ABLATED = 2
"""Development months for each ingredient."""


def measure(ground: Ground) -> None:
    """Every chain of the held-out months from one of its findings; every finding of the quiet ones."""
    _run(ground, _tasks(HELD_OUT, QUIET))
    so_far(ground)


def so_far(ground: Ground) -> None:
    """The figures of those held-out months that are measured."""
    _told(_kept(ground).months(_tasks(HELD_OUT, QUIET)))


def development(ground: Ground) -> None:
    """The same on the seeds that may be looked at."""
    tasks = _tasks(DEVELOPMENT, DEVELOPMENT_QUIET)
    _run(ground, tasks)
    _told(_kept(ground).months(tasks))


def ablation(ground: Ground) -> None:
    """What each ingredient is worth, on development seeds: a choice among factors must not see the others."""
    seeds = DEVELOPMENT[-ABLATED:]
    tasks = [Task("attacked", seed, name) for name in ("", *INGREDIENTS) for seed in seeds]
    _run(ground, tasks)
    print("\n### Without one ingredient, development months\n")
    print("| Left out | Recall of hops | Precision of hops | 80 % in order | Entry at rank 1 |")
    print("|---|---|---|---|---|")
    for name in ("", *INGREDIENTS):
        months = _kept(ground).months(task for task in tasks if task.without == name)
        scores = [s for month in months for s in month.scores]
        print(f"| {name or 'nothing'} | {' | '.join(tables.cells(scores)[:4])} |")


def _tasks(attacked: Sequence[int], quiet: Sequence[int]) -> list[Task]:
    """The quiet months among the others, so that what is measured first says something of both."""
    tasks = [Task("attacked", seed) for seed in attacked]
    apart = max(1, len(tasks) // max(1, len(quiet)))
    for number, seed in enumerate(quiet):
        tasks.insert(min(len(tasks), (number + 1) * (apart + 1) - 1), Task("quiet", seed))
    return tasks


def _kept(ground: Ground) -> Kept:
    return Kept(ground.scratch / "investigations.jsonl", ground.processes)


def _run(ground: Ground, tasks: Sequence[Task]) -> None:
    for done, of in _kept(ground).measure(tasks, partial(_month, ground.scratch)):
        print(f"{done} of {of} months", file=sys.stderr, flush=True)


def _told(months: Sequence[Month]) -> None:
    scores = [score for month in months for score in month.scores]
    if not scores:
        print("\nNo month is measured yet.")
        return
    attacked = sum(1 for month in months if month.task.what == "attacked")
    print(f"\n### Chains followed from one finding: {len(scores)} in {attacked} months\n")
    print(tables.chains(scores))
    print(f"\n{tables.leaving(scores)}")
    days, findings, alarms = (
        sum(getattr(month, name) for month in months if month.task.what == "quiet")
        for name in ("days", "findings", "alarms")
    )
    print(f"\n{tables.quiet(days, findings, alarms)}")
    print(f"\n{tables.simpler([row for month in months for row in month.simpler], scores)}")
    print(f"\n{tables.asked(scores, days, alarms)}")
    spent = sorted(score.seconds for score in scores)
    print(
        f"\nCPU seconds an investigation: {spent[len(spent) // 2]:.1f} in the middle, {spent[-1]:.1f} at most."
    )


def _month(scratch: Path, task: Task, code: str) -> Month:
    """Measure one; what is no development month is taken away again."""
    made = world(scratch, task.seed, attacks=task.what == "attacked")
    opened = Opened.of(made)
    with opened.lake:
        if task.what == "quiet":
            findings, alarms = opened.alarms()
            month = Month(task, code, days=made.days, findings=findings, alarms=len(alarms))
        else:
            ids = frozenset(INGREDIENTS.get(task.without, ()))
            scores = tuple(score for _, score, _ in opened.scores(ids))
            beside = task.seed % BESIDE == 0 and not ids
            month = Month(task, code, scores, tuple(compared(opened)) if beside else (), made.days)
    if task.seed not in (*DEVELOPMENT, *DEVELOPMENT_QUIET):
        shutil.rmtree(made.place)
    return month
