"""What a factor is: a reason with its weight in powers of ten, and the sentence that says it.

Weights are decimal logarithms of likelihood ratios: 1.0 says that this is ten times likelier of a step in
an intrusion than of an ordinary connection of a host that is in somebody's hands. They add up. They are
set by hand from published measurements where there are any, and stay the same for every company.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Literal

Kind = Literal["connect", "reverse"]


@dataclass(frozen=True, slots=True)
class Weight:
    """One reason: `id`, what it weighs, and the words."""

    id: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """A connection (row of the fabric) taken as a step of control from host `tail` to host `head`."""

    row: int
    kind: Kind
    tail: int
    head: int


def span(micros: int) -> str:
    """A length of time in words: `40 min`, `10.1 h`, `3.2 days`."""
    minutes = abs(micros) / 60e6
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 72 * 60 else f"{minutes / 1440:.1f} days"


def seldom(by_chance: float) -> float:
    """What a coincidence weighs that half of all steps have, and others by chance so often; 1.2 at most."""
    return min(1.2, log10(0.5 / max(by_chance, 0.02)))


def likelihood(total: float) -> float:
    """From a sum of weights to a probability."""
    return float(1.0 / (1.0 + 10.0 ** -max(-30.0, min(30.0, total))))
