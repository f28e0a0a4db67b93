"""What the words of a rule select, checked against the inventory.

`*`, `zone:NAME`, `internet`, `site/*`, `site/group`, `asset:hostname`, a prefix or an address;
one in another realm is written `realm:10.1.0.0/16`. A prefix must lie within a registered prefix of a
site or zone, so that no rule reaches addresses nobody answers for.
"""

from __future__ import annotations

import re

from pydantic_core import PydanticCustomError

from sekisho.inventory.located import did_you_mean
from sekisho.inventory.register import Inventory
from sekisho.inventory.values import read_prefix
from sekisho.model.addresses import IPNetwork, bounds
from sekisho.model.rules import Selector
from sekisho.policy.language import Slip, Word


def read_selector(word: Word, inventory: Inventory) -> Selector | Slip:
    """The selector that a word means, or what is wrong with it."""
    text = word.text
    if text == "*":
        return Selector("any")
    if text == "internet":
        return Selector("internet")
    if text.startswith("zone:"):
        name = text.removeprefix("zone:")
        if name in inventory.zones:
            return Selector("zone", name)
        mend = "write `internet`" if name == "internet" else did_you_mean(name, inventory.zones)
        return Slip(word.offset + 5, "rule/unknown-zone", f"there is no zone `{name[:60]}`", mend)
    if text.startswith("asset:"):
        name = text.removeprefix("asset:")
        rows = inventory.hostnames.get(name.casefold())
        if rows:
            return Selector("asset", rows[0].hostname)
        known = [found[0].hostname for found in inventory.hostnames.values()]
        return Slip(
            word.offset + 6,
            "rule/unknown-asset",
            f"there is no asset `{name[:60]}` in assets.csv",
            did_you_mean(name, known, "add it to assets.csv"),
        )
    if ":" in text or _DOTTED.fullmatch(text):
        return _prefix(word, inventory)
    if "/" in text:
        return _within_site(word, inventory)
    return _bare(word, inventory)


_DOTTED = re.compile(r"\d[\d.]*\.[\d.*]*(/\d*)?(-[\d.]+)?")
_HEX = re.compile(r"[0-9a-fA-F]{0,4}")


def _prefix(word: Word, inventory: Inventory) -> Selector | Slip:
    realm, offset = "", word.offset
    try:
        prefix = read_prefix(word.text)
    except PydanticCustomError as plain:
        realm, colon, rest = word.text.partition(":")
        if not colon or (realm not in inventory.realms and _HEX.fullmatch(realm)):
            return _slip(offset, plain)
        if realm not in inventory.realms:
            if not _DOTTED.fullmatch(rest) and ":" not in rest:
                return _bare(word, inventory)
            return Slip(
                offset,
                "rule/unknown-realm",
                f"there is no realm `{realm[:60]}`",
                did_you_mean(realm, inventory.realms - {""}),
            )
        offset += len(realm) + 1
        try:
            prefix = read_prefix(rest)
        except PydanticCustomError as error:
            return _slip(offset, error)
    if not inventory.registered(realm, prefix):
        return Slip(
            offset,
            "rule/refers-to-nothing",
            f"{prefix} lies in no site or zone",
            _inside(inventory, realm, prefix),
        )
    value = str(prefix.network_address) if prefix.prefixlen == prefix.max_prefixlen else str(prefix)
    return Selector("prefix", value, prefix, realm)


def _slip(offset: int, error: PydanticCustomError) -> Slip:
    said = error.context or {}
    return Slip(offset, said["code"], said["message"], said["mend"])


def _inside(inventory: Inventory, realm: str, prefix: IPNetwork) -> str:
    first, last = bounds(prefix)
    sites = [
        site.name
        for site in inventory.sites.values()
        if site.realm == realm and any(first <= bounds(d.prefix)[0] <= last for d in site.prefixes)
    ]
    if sites:
        shown = ", ".join(f"{name}/*" for name in sites[:6]) + (" …" if len(sites) > 6 else "")
        return f"it is wider than any registered prefix; write {shown}"
    for other in sorted(inventory.realms - {realm}):
        if inventory.registered(other, prefix):
            return f"write {other}:{prefix}" if other else f"write {prefix} without a realm"
    return "register its prefix in sites.yaml, under a site or under `zones:`"


def _within_site(word: Word, inventory: Inventory) -> Selector | Slip:
    site, _, group = word.text.partition("/")
    if site not in inventory.sites:
        if site == "*":
            return Slip(
                word.offset,
                "rule/unknown-site",
                "a group belongs to one site",
                "name the groups of each site, separated by commas",
            )
        return Slip(
            word.offset,
            "rule/unknown-site",
            f"there is no site `{site[:60]}`",
            did_you_mean(site, inventory.sites),
        )
    if group == "*":
        return Selector("site", site)
    if word.text in inventory.groups:
        return Selector("group", word.text)
    known = [g.name for g in inventory.groups.values() if g.site == site]
    mend = (
        did_you_mean(group, known, "")
        if known
        else f"{site} has no groups; write `{site}/*` for all of it"
    )
    if not group:
        mend = f"write `{site}/*` for all of it"
    return Slip(
        word.offset + len(site) + 1, "rule/unknown-group", f"{site} has no group `{group[:60]}`", mend
    )


def _bare(word: Word, inventory: Inventory) -> Slip:
    name = word.text
    if name in inventory.sites:
        mend = f"write `{name}/*` for all of the site"
    elif name in inventory.zones:
        mend = f"write `zone:{name}`"
    elif name.casefold() in inventory.hostnames:
        mend = f"write `asset:{name}`"
    elif name.casefold() in ("any", "all"):
        mend = "write `*` for any address of any site"
    elif name.casefold() in ("internet", "world", "external"):
        mend = "write `internet`"
    else:
        groups = [g.label for g in inventory.groups.values() if g.name == name]
        choices = [f"{site}/*" for site in inventory.sites] + list(inventory.groups)
        mend = (
            f"write `{groups[0]}`"
            if groups
            else did_you_mean(
                name,
                choices,
                "write `*`, `site/*`, `site/group`, `zone:NAME`, `asset:HOSTNAME` or a prefix",
            )
        )
    return Slip(word.offset, "rule/selector", f"`{name[:60]}` selects nothing", mend)


def touches(selector: Selector, site: str, inventory: Inventory) -> bool:
    """Whether the selector means addresses of that site, at whatever time."""
    match selector.kind:
        case "any":
            return True
        case "site":
            return selector.value == site
        case "group":
            return inventory.groups[selector.value].site == site
        case "asset":
            return any(a.site == site for a in inventory.hostnames.get(selector.value.casefold(), ()))
        case "prefix" if selector.prefix is not None:
            return site in inventory.sites_of(selector.realm, selector.prefix)
        case _:
            return False
