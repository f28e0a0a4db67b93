"""How far an address reaches by itself: the IANA registries, as one sorted table of intervals."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

from sekisho.model.addresses import IPNetwork, bounds
from sekisho.model.special_purpose import GLOBAL_WITHIN, LOCAL_SCOPE, NOT_GLOBAL

Reach = Literal["local", "private", "global"]
Scope = Literal["site", "zone", "global", "private", "local"]
"""Where an address stands: in a site, in a named zone, else how far it reaches by itself."""


def _flatten() -> tuple[list[int], list[Reach]]:
    # More specific tables are laid over the wider ones; `local` over everything.
    layers: tuple[tuple[Reach, tuple[IPNetwork, ...]], ...] = (
        ("private", NOT_GLOBAL),
        ("global", GLOBAL_WITHIN),
        ("local", LOCAL_SCOPE),
    )
    spans = [(*bounds(prefix), reach) for reach, prefixes in layers for prefix in prefixes]
    points = sorted({0} | {first for first, _, _ in spans} | {last + 1 for _, last, _ in spans})
    reaches: list[Reach] = []
    for point in points:
        reach: Reach = "global"
        for first, last, name in spans:
            if first <= point <= last:
                reach = name
        reaches.append(reach)
    return points, reaches


REACH_STARTS, REACHES = _flatten()
"""Interval `i` begins at the 128-bit number `REACH_STARTS[i]` and has `REACHES[i]`."""


def reach(number: int) -> Reach:
    """How far the address of that 128-bit number reaches."""
    return REACHES[bisect_right(REACH_STARTS, number) - 1]
