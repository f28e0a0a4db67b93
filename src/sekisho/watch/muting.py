"""Maintenance windows: when, and for which connections, alerts are kept but not told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network

from sekisho.watch.alerts import Member


@dataclass(frozen=True, slots=True)
class Window:
    """From `begin` until `end` (aware UTC). A connection is in it where all that is said holds.

    `sites`: an end is in one of them; `links`: pairs of sites in either order, `*` for any; `hosts`: an
    end is that address, lies in that prefix or has that name; `rules`: the nearest rule has that id.
    """

    name: str
    begin: datetime
    end: datetime
    by: str
    why: str
    sites: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    hosts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def holds(self, member: Member, at: datetime) -> bool:
        """Whether a connection that was last seen at a time is in it."""
        if not self.begin <= at < self.end:
            return False
        ends = (member.src.site, member.dst.site)
        return (
            (not self.sites or any(site in ends for site in self.sites))
            and (not self.links or any(_between(link, *ends) for link in self.links))
            and (not self.hosts or any(_is(host, member) for host in self.hosts))
            and (
                not self.rules
                or (member.nearest_rule is not None and member.nearest_rule.id in self.rules)
            )
        )


def _between(link: tuple[str, str], src: str | None, dst: str | None) -> bool:
    return any(a in ("*", src) and b in ("*", dst) for a, b in (link, link[::-1]))


def _is(host: str, member: Member) -> bool:
    if any(host in (end.address, end.asset) for end in (member.src, member.dst)):
        return True
    try:
        network = ip_network(host)
    except ValueError:
        return False
    return any(
        address.version == network.version and address in network
        for address in (ip_address(end.address) for end in (member.src, member.dst))
    )


def window_of(windows: Iterable[Window], member: Member, at: datetime) -> Window | None:
    """The window that mutes a connection seen last at a time: of several the one that ends last."""
    found = [window for window in windows if window.holds(member, at)]
    return max(found, key=lambda window: (window.end, window.name), default=None)
