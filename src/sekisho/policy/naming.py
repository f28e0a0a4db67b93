"""Sets of address classes in the words that rules use."""

from __future__ import annotations

from collections.abc import Iterable

from sekisho.model.rules import Selector
from sekisho.policy.compile import CompiledPolicy

Common = tuple[int, int]
"""The class of some addresses under one policy, and under another."""

MAX_NAMES = 20
_WIDE_FIRST = ("any", "internet", "site", "zone", "prefix", "group", "asset")


class Naming:
    """Names for sets of common classes of two policies."""

    def __init__(self, old: CompiledPolicy, new: CompiledPolicy, classes: Iterable[Common]) -> None:
        self._old, self._new = old, new
        found: dict[Selector, set[Common]] = {}
        for common in sorted(classes):
            for selector in self._meant(common):
                found.setdefault(selector, set()).add(common)
        self._wide = sorted(found.items(), key=lambda item: _width(item[0]))

    def _meant(self, common: Common) -> set[Selector]:
        """The selectors that mean a class; its site, zones and `*` too where no rule names them."""
        meant: set[Selector] = set()
        for judge, number in zip((self._old, self._new), common, strict=True):
            found = judge.classes[number]
            meant.update(judge.labels.selectors[n] for n in found.selectors)
            if found.site is not None:
                meant.update((Selector("any"), Selector("site", found.site)))
            meant.update(Selector("zone", name) for name in found.zones)
            if found.globally_routable:
                meant.add(Selector("internet"))
        return meant

    def names(self, classes: frozenset[Common]) -> tuple[str, ...]:
        """Selectors that mean exactly these classes, the widest that fit; then what is left over.

        More than `MAX_NAMES` end with `and N more`.
        """
        left = set(classes)
        names: list[str] = []
        for selector, meant in self._wide:
            if meant <= classes and meant & left:
                names.append(str(selector))
                left -= meant
        names += sorted({self._rest(common) for common in left})
        if len(names) > MAX_NAMES:
            names = [*names[:MAX_NAMES], f"and {len(names) - MAX_NAMES} more"]
        return tuple(names)

    def _rest(self, common: Common) -> str:
        """A class that no selector means alone: what is left of the narrowest that holds it."""
        meant = self._meant(common)
        narrow = max(meant, key=_width, default=None)
        if narrow is not None and narrow.kind not in ("any", "site"):
            return f"rest of {narrow}"
        found = self._new.classes[common[1]]
        site = found.site or self._old.classes[common[0]].site
        if site is not None:
            return f"other addresses of {site}"
        if found.scope == "local":
            return "multicast and link-local addresses"
        return "addresses of no site"


def _width(selector: Selector) -> tuple[int, int, str]:
    length = selector.prefix.prefixlen if selector.prefix is not None else 0
    return _WIDE_FIRST.index(selector.kind), length, str(selector)
