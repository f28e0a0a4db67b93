"""What `--sever` names: a host, a group, a link between two places, a site, or all traffic between sites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho.errors import RequestError
from sekisho.inventory.located import did_you_mean
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import parse_prefix
from sekisho.model.restrictions import SeveranceKind
from sekisho.model.rules import Selector
from sekisho.policy.language import Slip, Word
from sekisho.policy.selectors import read_selector

_LINK = re.compile(r"\s*(.+?)\s*<->\s*(.+?)\s*")
KINDS: tuple[SeveranceKind, ...] = ("host", "group", "link", "site", "all")
_HOW = "write host:ADDRESS, group:SITE/GROUP, 'link:A <-> B', site:SITE or all"


@dataclass(frozen=True, slots=True)
class Target:
    """What one `--sever` means. `near` is the severed end; `far` the other end of a link, else empty.

    An end of a link that is `*` stands for all sites but the other end's own.
    """

    kind: SeveranceKind
    near: tuple[Selector, ...] = ()
    far: tuple[Selector, ...] = ()

    def __str__(self) -> str:
        match self.kind:
            case "all":
                return "all"
            case "link":
                return f"link:{_end(self.near)} <-> {_end(self.far)}"
            case "site":
                return f"site:{self.near[0].value}"
            case _:
                return f"{self.kind}:{_end(self.near)}"

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """Every selector of it."""
        return *self.near, *self.far


def _end(selectors: Sequence[Selector]) -> str:
    return ", ".join(s.value if s.kind == "site" else str(s) for s in selectors)


def read_targets(texts: Iterable[str], inventory: Inventory) -> tuple[Target, ...]:
    """The targets, each once, in order. Raises RequestError for the first that means nothing."""
    found = tuple(dict.fromkeys(read_target(text, inventory) for text in texts))
    if not found:
        raise RequestError("nothing is named that is to be severed", _HOW)
    return found


def read_target(text: str, inventory: Inventory) -> Target:
    """One target. Raises RequestError that says what is wrong with it and how to mend it."""
    kind, colon, rest = text.strip().partition(":")
    if kind == "all" and not colon:
        return Target("all")
    rest = rest.strip()
    if kind not in KINDS or kind == "all" or not rest:
        raise RequestError(f"`{text[:80]}` names nothing to sever", _HOW)
    if kind == "link":
        match = _LINK.fullmatch(rest)
        if match is None:
            raise RequestError(f"`{text[:80]}` is no link", "write 'link:A <-> B'")
        near, far = link_end(match[1], inventory), link_end(match[2], inventory)
        if near == far:
            raise RequestError(f"`{text[:80]}` joins a place with itself", "name its two ends")
        return Target("link", near, far)
    if kind == "site":
        name = rest.removesuffix("/*")
        if name not in inventory.sites:
            raise RequestError(f"there is no site `{name[:60]}`", did_you_mean(name, inventory.sites))
        return Target("site", (Selector("site", name),))
    if kind == "group":
        if rest not in inventory.groups:
            raise RequestError(f"there is no group `{rest[:60]}`", did_you_mean(rest, inventory.groups))
        return Target("group", (Selector("group", rest),))
    return Target("host", _host(rest, inventory))


def link_end(text: str, inventory: Inventory) -> tuple[Selector, ...]:
    """One end of a link: sites (by their bare names too), groups, zones, `internet` or `*`, with commas."""
    found: list[Selector] = []
    for part in text.split(","):
        word = part.strip()
        found.append(Selector("site", word) if word in inventory.sites else _selected(word, inventory))
    return tuple(dict.fromkeys(found))


def _host(text: str, inventory: Inventory) -> tuple[Selector, ...]:
    """A hostname of assets.csv (all of its addresses), or an address or prefix, registered or not: a party
    outside can be cut off too."""
    if text.casefold() in inventory.hostnames:
        return (Selector("asset", inventory.hostnames[text.casefold()][0].hostname),)
    try:
        prefix = parse_prefix(text)
    except ValueError:
        return (_selected(text, inventory),)
    whole = prefix.prefixlen == prefix.max_prefixlen
    return (Selector("prefix", str(prefix.network_address) if whole else str(prefix), prefix),)


def _selected(word: str, inventory: Inventory) -> Selector:
    found = read_selector(Word(word, 0), inventory)
    if isinstance(found, Slip):
        raise RequestError(found.message, found.mend)
    return found
