"""What no feed may raise an alarm about: what would match everything, one's own, and what everybody uses."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from sekisho.intel.base import Why
from sekisho.intel.values import Value
from sekisho.intel.warning_lists import NONE, WarningLists
from sekisho.inventory.register import Inventory
from sekisho.inventory.scopes import REACH_STARTS, REACHES, reach
from sekisho.model.addresses import IPNetwork, bounds, parse_prefix
from sekisho.model.indicators import IndicatorKind

LISTED = "on the warning list "
WIDEST = {4: 8, 6: 19}
"""The shortest prefix that is one by version: registries give nobody more (RIPE NCC gave /19 of IPv6)."""
COMMON_ADDRESSES = (
    "1.0.0.1", "1.1.1.1", "1.1.1.2", "1.1.1.3", "4.2.2.1", "4.2.2.2", "8.8.4.4", "8.8.8.8", "9.9.9.9",
    "9.9.9.10", "64.6.64.6", "64.6.65.6", "76.76.2.0", "76.76.10.0", "77.88.8.1", "77.88.8.8",
    "94.140.14.14", "94.140.15.15", "114.114.114.114", "114.114.115.115", "119.29.29.29", "149.112.112.10",
    "149.112.112.112", "180.76.76.76", "185.228.168.9", "185.228.169.9", "208.67.220.220", "208.67.222.222",
    "223.5.5.5", "223.6.6.6", "2001:4860:4860::8844", "2001:4860:4860::8888", "2606:4700:4700::1001",
    "2606:4700:4700::1111", "2620:119:35::35", "2620:119:53::53", "2620:fe::9", "2620:fe::fe",
    "2400:3200::1", "2402:4e00::",
    "198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241",
    "192.112.36.4", "198.97.190.53", "192.36.148.17", "192.58.128.30", "193.0.14.129", "199.7.83.42",
    "202.12.27.33",
)  # fmt: skip
"""Public resolvers as their operators publish them, and the root servers (IANA, root hints)."""
_NAMES = (
    "adobe.com akamai.net akamaiedge.net akamaihd.net amazon.com amazonaws.com apple.com azure.com"
    " azureedge.net bing.com bitbucket.org box.com cloudflare.com cloudfront.net digicert.com discord.com"
    " discordapp.com docs.google.com drive.google.com dropbox.com facebook.com fastly.net firebaseapp.com"
    " github.com github.io githubusercontent.com raw.githubusercontent.com gitlab.com gmail.com google.com"
    " googleapis.com googleusercontent.com gstatic.com icloud.com instagram.com letsencrypt.org linkedin.com"
    " live.com microsoft.com microsoftonline.com mozilla.org msftconnecttest.com netlify.app office.com"
    " office365.com onedrive.live.com outlook.com pages.dev pastebin.com pki.goog pool.ntp.org r2.dev"
    " sharepoint.com skype.com slack.com storage.googleapis.com t.me telegram.org twitter.com ubuntu.com"
    " verisign.com web.app whatsapp.com wikipedia.org windows.com windows.net windowsupdate.com"
    " workers.dev x.com yahoo.com youtube.com zoom.us"
)
COMMON_DOMAINS = frozenset(_NAMES.split())
"""Names that hosts everywhere use, and services whose customers share a name: an indicator below one of
these counts, one of these itself does not."""
_SECOND = frozenset(("ac", "co", "com", "edu", "go", "gob", "gov", "mil", "ne", "net", "or", "org"))


def _numbers(prefixes: Iterable[IPNetwork]) -> tuple[list[int], list[int]]:
    """First and last numbers of prefixes, those that touch put together."""
    starts: list[int] = []
    ends: list[int] = []
    for first, last in sorted(bounds(one) for one in prefixes):
        if ends and first <= ends[-1] + 1:
            ends[-1] = max(ends[-1], last)
        else:
            starts.append(first)
            ends.append(last)
    return starts, ends


_COMMON = _numbers(parse_prefix(one) for one in COMMON_ADDRESSES)


@dataclass(frozen=True, slots=True)
class Screen:
    """Knows which values are no indicators. `starts`, `ends` are the company's own addresses."""

    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    lists: WarningLists = NONE

    @classmethod
    def of(cls, inventory: Inventory, lists: WarningLists = NONE) -> Screen:
        """That of a company: all prefixes that its sites ever had, and warning lists."""
        own = _numbers(one.prefix for site in inventory.sites.values() for one in site.prefixes)
        return cls(*own, lists)

    def refuses(self, value: Value) -> str | None:
        """Why a value is none (`Why`, or the warning list that it is on), or None."""
        why: str | None = None
        listed: str | None = None
        if value.network is not None:
            why = self._network(value.network)
            listed = None if why else self.lists.of_range(*bounds(value.network))
        elif value.kind in (IndicatorKind.DOMAIN, IndicatorKind.URL):
            name = value.host or value.text
            why = _name(name)
            listed = None if why else self.lists.of_name(name)
        else:
            listed = self.lists.of_hash(value.kind, value.text)
        return why or (f"{LISTED}{listed}" if listed else None)

    def passes(self, number: int) -> str:
        """Why the address of that 128-bit number, out of a prefix, may raise no alarm; '' where it may."""
        if reach(number) != "global" or _holds(self.starts, self.ends, number, number):
            return "of our own, or of no host outside"
        if _holds(*_COMMON, number, number):
            return "used by everybody"
        listed = self.lists.of_range(number, number)
        return f"{LISTED}{listed}" if listed else ""

    def keeps(self, number: int) -> bool:
        """Whether the address of that 128-bit number, out of a prefix, may raise an alarm."""
        return not self.passes(number)

    def _network(self, network: IPNetwork) -> Why | None:
        if network.prefixlen < WIDEST[network.version]:
            return "too_wide"
        first, last = bounds(network)
        if _holds(self.starts, self.ends, first, last):
            return "company"
        at = bisect_right(REACH_STARTS, first) - 1
        if REACHES[at] != "global" or (at + 1 < len(REACHES) and REACH_STARTS[at + 1] <= last):
            return "special_purpose"
        if first == last and _holds(*_COMMON, first, last):
            return "common"
        return None


def _holds(starts: list[int], ends: list[int], first: int, last: int) -> bool:
    """Whether one of some ranges shares an address with another range."""
    at = bisect_right(starts, last) - 1
    return at >= 0 and ends[at] >= first


def _name(name: str) -> Why | None:
    labels = name.split(".")
    if len(labels) == 1 or (len(labels) == 2 and labels[0] in _SECOND and len(labels[1]) == 2):
        return "too_wide"
    bare = name.removeprefix("www.")
    return "common" if name in COMMON_DOMAINS or bare in COMMON_DOMAINS else None
