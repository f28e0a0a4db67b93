"""Ids of proposed rules: what they are about, unique, and the same in every run."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 110
"""Characters before the number that makes an id unique; an id may have 128."""


class Ids:
    """Gives ids that differ from all those taken, in any case."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.casefold() for name in taken}
        self._last: dict[str, int] = {}

    def unique(self, wanted: str) -> str:
        """`wanted` if it is free, else with -2, -3 …"""
        count = self._last.get(wanted.casefold(), 1)
        name = wanted if count == 1 else f"{wanted}-{count}"
        while name.casefold() in self._taken:
            count += 1
            name = f"{wanted}-{count}"
        self._taken.add(name.casefold())
        self._last[wanted.casefold()] = count
        return name


def proposed_id(source: str, destination: str, service: str) -> str:
    """`PROPOSED-TH-PLANT-JP-HQ-SMB` from names of sites or zones and of a service."""
    return slug("-".join(("PROPOSED", source, destination, service)).upper())


def slug(text: str) -> str:
    """The text with only what an id may hold, `-` for the rest."""
    found = re.sub(r"[^\w.:/-]+", "-", text.strip())
    return found.strip("-./:")[:LONGEST].rstrip("-./:")
