"""What a plan cuts, seen from the places where something of it could begin."""

from __future__ import annotations

from sekisho.contain.regions import Atlas
from sekisho.contain.severing import Severed

Way = tuple[str, str]
"""(begin, end): places as an atlas names them; `begin` is a site."""


def directions(severed: Severed, atlas: Atlas) -> tuple[Way, ...]:
    """The severed directions that begin at a site, in order. What begins elsewhere nobody of ours can try, and
    what stays within a site passes no gateway between sites."""
    sites = atlas.inventory.sites
    return tuple(
        sorted(
            {
                (begin, end)
                for cut in severed.cuts
                for near, far in cut.ways()
                for begin in atlas.places(near)
                if begin in sites
                for end in atlas.places(far)
                if begin != end
            }
        )
    )


def outside(severed: Severed, atlas: Atlas) -> tuple[str, ...]:
    """Places that are no sites, and from which something that is cut could begin."""
    found = {p for cut in severed.cuts for near, _ in cut.ways() for p in atlas.places(near)}
    return tuple(sorted(found - set(atlas.inventory.sites)))
