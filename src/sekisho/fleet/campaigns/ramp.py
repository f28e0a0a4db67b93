"""Which terminals a stage of a campaign reaches: always the same ones, whoever asks and however often."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Sequence


def place(campaign: int, node: str) -> float:
    """Where a terminal stands in a campaign, from 0 to below 1. Another campaign begins with others."""
    digest = hashlib.sha256(f"{campaign}\0{node}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:7], "big") / (1 << 56)


def stage_of(
    campaign: int,
    node: str,
    ramp: Sequence[float],
    names: Collection[str] = (),
    first: Collection[str] = (),
) -> int:
    """The stage, from 0, that reaches a terminal. One of whose `names` is among `first` is reached at once."""
    if any(name in first for name in names):
        return 0
    return min(bisect_right(ramp, place(campaign, node)), len(ramp) - 1)
