"""Scores as Markdown tables, each proportion with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from benchmarks.chains.score import Score
from benchmarks.chains.truth import Kind

Z = 1.96
RESAMPLED = 2000


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a proportion (Wilson 1927)."""
    if not of:
        return 0.0, 1.0
    part, spread = hits / of, Z * Z / of
    middle = (part + spread / 2) / (1 + spread)
    half = Z * math.sqrt(part * (1 - part) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def proportion(hits: int, of: int) -> str:
    """`94 % (91 to 96)`."""
    low, high = wilson(hits, of)
    return f"{hits / of:.0%} ({low:.0%} to {high:.0%})".replace("%", " %", 1) if of else "-"


def ratio(parts: Sequence[int], wholes: Sequence[int]) -> str:
    """A ratio of sums; its interval comes from drawing whole chains again, since hops of one hang together."""
    hits, of = np.array(parts, dtype=np.float64), np.array(wholes, dtype=np.float64)
    if not of.sum():
        return "-"
    pick = np.random.default_rng(1).integers(0, len(of), (RESAMPLED, len(of)))
    sums = of[pick].sum(axis=1)
    low, high = np.quantile(hits[pick].sum(axis=1)[sums > 0] / sums[sums > 0], (0.025, 0.975))
    return f"{hits.sum() / of.sum():.2f} ({low:.2f} to {high:.2f})"


def chains(scores: Sequence[Score]) -> str:
    """A row for every kind, and for all with a hop that no rule allows."""
    lines = [
        "| Chains | Number | Recall of hops | Precision of hops | 80 % in order | Entry at rank 1 | Onset |",
        "|---|---:|---|---|---|---|---|",
    ]
    for name, some in _groups(scores):
        lines.append(f"| {name} | {len(some)} | {' | '.join(cells(some))} |")
    return "\n".join(lines)


def cells(some: Sequence[Score]) -> tuple[str, ...]:
    """Recall, precision, order, entry and onset of some chains."""
    return (
        ratio([s.found for s in some], [s.true for s in some]),
        ratio([s.right for s in some], [s.told for s in some]),
        proportion(_count(some, lambda s: s.in_order), len(some)),
        proportion(_count(some, lambda s: s.entry == 1), len(some)),
        proportion(_count(some, lambda s: s.dated), len(some)),
    )


def _groups(scores: Sequence[Score]) -> Iterator[tuple[str, list[Score]]]:
    unpermitted = [s for s in scores if s.kind is not Kind.PERMITTED]
    yield "all with a hop that no rule allows", unpermitted
    yield "of them with pauses to 24 h", [s for s in unpermitted if s.kind is not Kind.LONG]
    for kind in Kind:
        some = [s for s in scores if s.kind is kind]
        if some:
            yield kind.value, some


def _count(scores: Sequence[Score], holds: Callable[[Score], bool]) -> int:
    return sum(1 for score in scores if holds(score))


def leaving(scores: Sequence[Score]) -> str:
    """How many transfers were told of, and how well."""
    left = [one for score in scores for one in score.leaving]
    told = [one for one in left if one.low is not None]
    dark = [one for one in left if not one.recorded]
    return (
        f"{len(left)} transfers to parties outside: told of {proportion(len(told), len(left))}; of these the"
        f" range holds what was recorded in {proportion(sum(o.covered for o in told), len(told))}, its middle"
        f" is within a tenth of it in {proportion(sum(o.close for o in told), len(told))}. No sensor recorded"
        f" anything of {len(dark)}: of {sum(o.unseen for o in dark)} of their hosts it was told that nobody"
        " could have seen what left."
    )


def quiet(days: int, findings: int, alarms: int) -> str:
    """What was told of months without an attack."""
    if not days:
        return "Months without an attack were not measured."
    return (
        f"{days} days without an attack: {findings} findings, each followed; {alarms} of the results told of"
        f" a path of two hops and more, {alarms / days:.2f} a day."
    )


def asked(scores: Sequence[Score], days: int, alarms: int) -> str:
    """What is asked for and what was measured; chains over permitted edges alone are apart."""
    minded = [s for s in scores if s.kind is not Kind.PERMITTED]
    soon = [s for s in minded if s.kind is not Kind.LONG]
    late = [s for s in minded if s.kind is Kind.LONG]
    left = [one for s in scores for one in s.leaving]
    seen = [one for one in left if one.recorded]
    rows: list[tuple[str, int, int, float]] = [
        ("80 % of hops in order, of chains", _count(minded, lambda s: s.in_order), len(minded), 0.95),
        ("the same with pauses to 24 h", _count(soon, lambda s: s.in_order), len(soon), 0.95),
        ("the same with pauses to 72 h", _count(late, lambda s: s.in_order), len(late), 0.90),
        ("hop precision", sum(s.right for s in minded), sum(s.told for s in minded), 0.90),
        ("hop recall", sum(s.found for s in minded), sum(s.true for s in minded), 0.90),
        ("entry at rank 1", _count(minded, lambda s: s.entry == 1), len(minded), 0.90),
        ("bytes that left within a tenth", sum(one.close for one in left), len(left), 1.0),
        ("the same of what is on record", sum(one.close for one in seen), len(seen), 1.0),
    ]
    lines = ["| Asked for | At least | Measured | |", "|---|---|---|---|"]
    for name, hits, of, least in rows:
        if of:
            met = "met" if hits / of >= least else "missed"
            lines.append(f"| {name} | {least:.0%} | {proportion(hits, of)} | {met} |")
    dated = _count(minded, lambda s: s.dated)
    lines.append(
        f"| onset within an interval, or rightly a bound | | {proportion(dated, len(minded))} | |"
    )
    if days:
        met = "met" if alarms <= days else "missed"
        lines.append(f"| false chains a day | at most 1 | {alarms / days:.2f} | {met} |")
    return "\n".join(lines)


def simpler(rows: Sequence[tuple[str, int, int, int]], scores: Sequence[Score]) -> str:
    """Simpler ways: name, steps between company hosts, told of them, told in all; one row each a chain."""
    minded = [s for s in scores if s.kind is not Kind.PERMITTED]
    lines = ["| From the same findings | Recall | Precision | Told of, a chain |", "|---|---|---|---:|"]
    own = (
        ratio([s.found for s in minded], [s.true for s in minded]),
        ratio([s.right for s in minded], [s.told for s in minded]),
    )
    mean = sum(s.told for s in minded) / max(1, len(minded))
    lines.append(f"| sekisho, all hops | {own[0]} | {own[1]} | {mean:,.1f} |")
    for name in dict.fromkeys(row[0] for row in rows):
        some = [row for row in rows if row[0] == name]
        recall = ratio([row[2] for row in some], [row[1] for row in some])
        precision = ratio([row[2] for row in some], [row[3] for row in some])
        told = sum(row[3] for row in some) / len(some)
        lines.append(f"| {name} | {recall} | {precision} | {told:,.1f} |")
    return "\n".join(lines)
