"""Who watches a link between two sites, and who talks to the company without belonging to it."""

from __future__ import annotations

from typing import Literal

from sekisho.model.findings import Document, Realm, Time

PairState = Literal["both", "one", "none"]
"""At how many ends a link was watched for at least half of a week's hours."""


class PairEnd(Document):
    """One end of a link in one week.

    `hours` are those in which a sensor that sees the site's edge recorded (seen or quiet), `share` what
    part that is of the week's hours. `sensors` are those that did, `flows` what they saw of this link,
    `lost` what did not arrive of all that they saw, in the unit of their exporters' numbers.
    """

    site: str
    hours: int
    share: float
    sensors: tuple[str, ...] = ()
    flows: int = 0
    lost: int = 0


class PairWeek(Document):
    """One link in one week, which begins on a Monday at 00:00 UTC.

    `hours` are those of the week that lie in the window and in which both sites exist, `unwatched` those
    in which neither end was watched. `transit` are sensors elsewhere that saw flows of this link all
    the same, `inside` those within either site; neither kind makes an end watched.
    """

    link: str
    week: Time
    state: PairState
    hours: int
    unwatched: int
    ends: tuple[PairEnd, PairEnd]
    transit: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


class UnmappedPrefix(Document):
    """Addresses that belong to no site and are not routable globally, and that talk to sites.

    `prefix` is the /24 or /64 that holds them, or the address itself where it is the only one.
    `connections` and `flows` are those with `sites`; times are of whole days that touch the window.
    """

    prefix: str
    realm: Realm = None
    hosts: int
    connections: int
    flows: int
    first_seen: Time
    last_seen: Time
    sensors: tuple[str, ...]
    sites: tuple[str, ...]


class Unmapped(Document):
    """Prefixes with the most connections first; `total` is how many there are, also beyond those named."""

    total: int = 0
    prefixes: tuple[UnmappedPrefix, ...] = ()


def link_name(a: str, b: str) -> str:
    """`A <-> B`, as links are written everywhere."""
    return f"{a} <-> {b}"
