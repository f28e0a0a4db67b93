"""Which lifted links have a new finding, and which of them may be cut again without waiting for anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.inventory.register import Inventory
from sekisho.model.restrictions import Restriction
from sekisho.restore.places import Pair, text_of, touches
from sekisho.restore.stages import Register, only

WRONG = ("unauthorized", "lapsed")
"""Verdicts of what should not have happened at all; a try that came to nothing cuts nobody off."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A violation as the audit or the watch tells it. `pair` are the places of its ends."""

    finding: str
    verdict: str
    pair: Pair
    last_seen: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """What a lifted stage's plan would be cut again to, by one original plan: None where a site that must
    run, or nothing of the plan, lies there. `spared` are the sites that must run."""

    restriction: Restriction | None
    pairs: tuple[Pair, ...]
    spared: tuple[str, ...]

    @property
    def links(self) -> str:
        """The pairs in words."""
        return ", ".join(sorted(map(text_of, self.pairs)))


def new_on(
    sightings: Iterable[Sighting],
    pairs: frozenset[Pair],
    lifted_at: datetime,
    told: Mapping[str, datetime],
) -> Iterator[Sighting]:
    """Those that were seen on the links since they were lifted, and since each was last told."""
    for one in sightings:
        if (
            one.verdict in WRONG
            and one.last_seen > max(lifted_at, told.get(one.finding, lifted_at))
            and touches(pairs, one.pair)
        ):
            yield one


def must_run(inventory: Inventory, at: datetime) -> frozenset[str]:
    """The sites that nothing may cut by itself at that time (aware UTC)."""
    return frozenset(
        name
        for name, site in inventory.sites.items()
        if site.must_run is not None and site.must_run.holds(at)
    )


def again(original: Restriction, found: Iterable[Sighting], register: Register) -> Again:
    """The part of a plan that cuts the links of these sightings, but none of a site that must run."""
    kept = must_run(register.inventory, register.at)
    pairs = {one.pair for one in found}
    spared = sorted({place for pair in pairs for place in pair} & kept)
    free = sorted((pair for pair in pairs if not pair & kept), key=text_of)
    restriction = only(original, free, register) if free else None
    if restriction is not None and kept and _whole(restriction, kept, register):
        restriction = None
    return Again(restriction, tuple(free if restriction else sorted(pairs, key=text_of)), tuple(spared))


def _whole(restriction: Restriction, kept: frozenset[str], register: Register) -> bool:
    """Whether it cuts a host or group off from everything, a site that must run included."""
    links = only(restriction, [frozenset({name}) for name in kept], register)
    others = only(
        restriction,
        [
            frozenset((name, other))
            for name in kept
            for other in register.inventory.sites
            if other != name
        ],
        register,
    )
    return links is not None or others is not None
