"""Cells of an imported sheet that name the ends of rules: selectors, or what firewalls write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network, summarize_address_range

from sekisho.inventory.register import Inventory
from sekisho.model.rules import Selector
from sekisho.policy.language import Slip, Word
from sekisho.policy.selectors import read_selector

MAX_PARTS = 1_000
_ANY = {"any", "all", "any4", "any6", "0.0.0.0/0", "::/0", "*"}
_OUTSIDE = {"internet", "external", "wan", "world", "untrust"}
_PART = re.compile(r"[^,;|\s]+")
_MASKED = re.compile(
    r"(\d+\.\d+\.\d+\.\d+)(?:\s+|/)((?:255|254|252|248|240|224|192|128|0)(?:\.\d+){3})\b"
)
_RANGE = re.compile(r"([0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+)[-–]([0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+)")


def read_ends(text: str, inventory: Inventory) -> tuple[tuple[Selector, ...], tuple[Slip, ...]]:
    """The selectors in a cell, separated by commas, semicolons, bars, blanks or line breaks.

    Beside selectors: `any`, an address with a netmask, a range of addresses, the bare name of a site,
    zone, host or group. Offsets of the slips count from the beginning of the cell.
    """
    found: list[Selector] = []
    slips: list[Slip] = []
    # Masks and ranges keep their length when joined to one word, so that places stay true.
    joined = _MASKED.sub(_netmask, text)
    joined = re.sub(r"(?<=[0-9A-Fa-f])(\s*)([-–])(\s*)(?=[0-9A-Fa-f]+[.:])", _dash, joined)
    parts = list(_PART.finditer(joined))
    for part in parts[:MAX_PARTS]:
        read = _read(Word(part[0].strip("\0"), part.start()), inventory)
        if isinstance(read, Slip):
            slips.append(read)
        else:
            found.extend(read)
    if len(parts) > MAX_PARTS:
        slips.append(
            Slip(parts[MAX_PARTS].start(), "rule/length", "too many in one cell", "name a group")
        )
    if len(found) > MAX_PARTS:
        slips.append(Slip(0, "rule/length", "too many prefixes in one cell", "name a group instead"))
    return tuple(dict.fromkeys(found)), tuple(slips)


def _netmask(found: re.Match[str]) -> str:
    try:
        prefix = f"{found[1]}/{ip_network(f'0.0.0.0/{found[2]}').prefixlen}"
    except ValueError:
        return found[0]
    return prefix.ljust(len(found[0]), "\0")


def _dash(found: re.Match[str]) -> str:
    return "\0" * len(found[1]) + "-" + "\0" * len(found[3])


def _read(word: Word, inventory: Inventory) -> Iterable[Selector] | Slip:
    text = word.text.replace("\0", "")
    folded = text.casefold()
    if folded in _ANY:
        return (Selector("any"),)
    if folded in _OUTSIDE and folded not in inventory.sites:
        return (Selector("internet"),)
    span = _RANGE.fullmatch(text)
    if span:
        prefixes = _prefixes(span)
        if isinstance(prefixes, str):
            return Slip(
                word.offset, "prefix/range", f"`{text[:80]}` is no range of addresses", prefixes
            )
        read = [read_selector(Word(prefix, word.offset), inventory) for prefix in prefixes]
        wrong = next((slip for slip in read if isinstance(slip, Slip)), None)
        return wrong or tuple(selector for selector in read if isinstance(selector, Selector))
    exact = read_selector(Word(text, word.offset), inventory)
    if isinstance(exact, Selector) or "/" in text or ":" in text:
        return (exact,) if isinstance(exact, Selector) else exact
    named = _named(text, inventory)
    if len(named) == 1:
        return named
    if named:
        choices = ", ".join(f"`{selector}`" for selector in named[:6])
        return Slip(
            word.offset, "rule/ambiguous", f"`{text[:60]}` may mean several", f"write one of {choices}"
        )
    return exact


def _prefixes(span: re.Match[str]) -> list[str] | str:
    """The prefixes of a range, or how to mend it."""
    try:
        first, last = ip_address(span[1]), ip_address(span[2])
        # A prefix of one address is written as that address by whatever reads it.
        return [str(prefix) for prefix in summarize_address_range(first, last)]
    except (ValueError, TypeError):
        return "write first and last address in full, the lower first: 10.1.0.4-10.1.0.7"


def _named(text: str, inventory: Inventory) -> tuple[Selector, ...]:
    """What a bare name may mean: a site, zone, host or group."""
    folded = text.casefold()
    found = [Selector("site", name) for name in inventory.sites if name.casefold() == folded]
    found += [Selector("zone", name) for name in inventory.zones if name.casefold() == folded]
    found += [
        Selector("asset", rows[0].hostname) for rows in (inventory.hostnames.get(folded),) if rows
    ]
    groups = inventory.groups.values()
    found += [Selector("group", g.label) for g in groups if g.name.casefold() == folded]
    return tuple(found)
