"""The gateways of a plan in stages: site by site, in the order that was approved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho.contain.points import Gateway
from sekisho.contain.regions import Atlas
from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.model.restrictions import Staging

REST = "rest"
LONGEST = 7 * 24 * 3600
"""Seconds: a stage that is looked at for longer is no step of a containment."""
MOST_STAGES = 200


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: its `number` from 1, the sites as they were named, and the gateways that are told in it."""

    number: int
    sites: tuple[str, ...]
    gateways: tuple[str, ...]


def read_stages(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """The sites of each stage, written with `;` between several. Raises RequestError."""
    found = tuple(
        tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip())) for text in texts
    )
    if any(not one for one in found):
        raise RequestError("a stage names its sites", "--stage th-plant --stage 'us-plant; jp-hq'")
    if len(found) > MOST_STAGES:
        raise RequestError(f"at most {MOST_STAGES} stages")
    if any(REST in one for one in found[:-1]) or (found and REST in found[-1] and len(found[-1]) > 1):
        raise RequestError(
            "`rest` is a stage of its own, and the last", "--stage th-plant --stage rest"
        )
    return found


def split(staging: Staging, gateways: Sequence[Gateway], atlas: Atlas) -> tuple[Stage, ...]:
    """The stages over the gateways that carry some of what is cut. Each is told once, in the first stage that
    it stands at; what no stage names is told last.

    Raises RequestError for a site that does not exist or that has no gateway left to tell, and for limits
    and times that make no sense.
    """
    _check(staging)
    left = {one.name: one for one in gateways}
    stages: list[Stage] = []
    for sites in staging.stages:
        here = [n for n, one in left.items() if sites == (REST,) or stands_at(one, sites, atlas)]
        if not here and sites != (REST,):
            raise RequestError(
                f"the stage {'; '.join(sites)} has no gateway to tell",
                "name sites at which a gateway carries what is cut, each once",
            )
        if here:
            stages.append(Stage(len(stages) + 1, sites, tuple(here)))
        for name in here:
            del left[name]
    if left:
        stages.append(Stage(len(stages) + 1, (REST,), tuple(left)))
    return tuple(stages)


def stands_at(gateway: Gateway, sites: Sequence[str], atlas: Atlas) -> bool:
    """Whether a gateway stands at one of the sites: where it is managed, or the near end of a link of it.

    Raises RequestError for a site that does not exist.
    """
    for name in sites:
        if name not in atlas.inventory.sites:
            raise RequestError(
                f"there is no site `{name[:60]}`", did_you_mean(name, atlas.inventory.sites)
            )
    near = [atlas.places(atlas.all_selected(link[0])) for link in gateway.links]
    here = atlas.inventory.place(gateway.realm, gateway.address, atlas.at).site
    return any(name == here or any(name in places for places in near) for name in sites)


def _check(staging: Staging) -> None:
    if not 1 <= staging.soak <= LONGEST or not 0 <= staging.patience <= LONGEST:
        raise RequestError("a stage is looked at for a second at least, a week at most", "--soak 10m")
    if staging.escaped < 0 or staging.broken < 0:
        raise RequestError("what is accepted is a count", "--accept-escaped 0 --accept-broken 0")
