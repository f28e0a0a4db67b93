"""Sets of addresses, and the addresses that a selector, a site or a party outside means at one time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, summarize_address_range
from typing import Any

import numpy as np
import pyarrow as pa

from sekisho.inventory.register import Inventory
from sekisho.model.addresses import IPAddress, IPNetwork, number
from sekisho.model.rules import Selector
from sekisho.model.sites import DEFAULT_REALM
from sekisho.policy.classes import AddressClass, Classes
from sekisho.policy.ports import Span, covers, meet, minus, touch, union, within

LAST = (1 << 128) - 1
V4 = (0xFFFF << 32, (0xFFFF << 32) | 0xFFFFFFFF)
"""The IPv4 addresses among the 128-bit numbers."""
_V6 = ((0, V4[0] - 1), (V4[1] + 1, LAST))
Family = int
"""4 or 6."""


@dataclass(frozen=True, slots=True)
class Region:
    """Addresses by realm, as disjoint spans of 128-bit numbers (IPv4 mapped) in order."""

    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.spans.values())

    def holds(self, realm: str, address: IPAddress) -> bool:
        """Whether the address is one of them."""
        return covers(self.spans.get(realm, ()), number(address))

    def meet(self, other: Region) -> Region:
        """The addresses in both."""
        both = {realm: meet(spans, other.spans.get(realm, ())) for realm, spans in self.spans.items()}
        return Region({realm: spans for realm, spans in both.items() if spans})

    def touches(self, other: Region) -> bool:
        """Whether any address is in both: much cheaper than which."""
        return any(touch(spans, other.spans.get(realm, ())) for realm, spans in self.spans.items())

    def minus(self, other: Region) -> Region:
        """The addresses that are not in the other."""
        left = {realm: minus(spans, other.spans.get(realm, ())) for realm, spans in self.spans.items()}
        return Region({realm: spans for realm, spans in left.items() if spans})

    def within(self, other: Region) -> bool:
        """Whether every address is in the other too."""
        return all(within(spans, other.spans.get(realm, ())) for realm, spans in self.spans.items())

    def of(self, realm: str, family: Family) -> tuple[tuple[int, int], ...]:
        """First and last address of each span of one family, as that family's own numbers."""
        spans = self.spans.get(realm, ())
        if family == 4:
            return tuple((a - V4[0], b - V4[0]) for a, b in meet(spans, (V4,)))
        # Every address has no gap: a packet may bear an IPv4 address written as an IPv6 one.
        return ((0, LAST),) if (0, LAST) in spans else meet(spans, _V6)


def joined(regions: Iterable[Region]) -> Region:
    """All addresses of all of them."""
    found: dict[str, list[Span]] = {}
    for region in regions:
        for realm, spans in region.spans.items():
            found.setdefault(realm, []).extend(spans)
    return Region({realm: union(spans) for realm, spans in found.items() if spans})


def everything(realms: Iterable[str]) -> Region:
    """Every address there can be."""
    return Region(dict.fromkeys(realms, ((0, LAST),)))


def prefixes(span: tuple[int, int], family: Family) -> Iterator[IPNetwork]:
    """A span of one family's own numbers as prefixes."""
    first, last = span
    if family == 4:
        yield from summarize_address_range(IPv4Address(first), IPv4Address(last))
    else:
        yield from summarize_address_range(IPv6Address(first), IPv6Address(last))


class Atlas:
    """Which addresses the selectors mean at one time (aware UTC), exactly as verdicts take them."""

    def __init__(self, inventory: Inventory, selectors: Iterable[Selector], at: datetime) -> None:
        self.inventory, self.at = inventory, at
        self._classes = Classes(inventory, selectors)
        self._pieces: dict[str, list[tuple[Span, AddressClass]]] = {}
        self._selected: dict[int, dict[str, list[Span]]] | None = None
        self._epoch = epoch = self._classes.epoch_of(at)
        for realm in sorted(inventory.realms | {DEFAULT_REALM}):
            found = self._classes.intervals(epoch, realm)
            ends = [*(start - 1 for start in found.starts[1:]), LAST]
            self._pieces[realm] = [
                ((first, last), self._classes.list[int(number_)])
                for first, last, number_ in zip(found.starts, ends, found.classes, strict=True)
            ]

        self._placed = {
            realm: (
                [first for (first, _), _ in pieces],
                [last for (_, last), _ in pieces],
                [one for _, one in pieces],
            )
            for realm, pieces in self._pieces.items()
        }
        # Evidence may bear realms that no register names any more: they too have classes.
        self._classes.intervals(epoch, "\0")
        self._number = {one: n for n, one in enumerate(self._classes.list)}

    @property
    def realms(self) -> frozenset[str]:
        """All address spaces there are."""
        return frozenset(self._pieces)

    def selected(self, selector: Selector) -> Region:
        """The addresses that a selector means; raises KeyError for one that was not named at the start."""
        if self._selected is None:
            # Once for all: with thousands of rules to look through all addresses for each takes minutes.
            self._selected = {}
            for realm, pieces in self._pieces.items():
                for span, one in pieces:
                    for number_ in one.selectors:
                        self._selected.setdefault(number_, {}).setdefault(realm, []).append(span)
        found = self._selected.get(self._classes.number_of[selector], {})
        return Region({realm: union(spans) for realm, spans in found.items()})

    def all_selected(self, selectors: Iterable[Selector]) -> Region:
        """The addresses that any of them means."""
        return joined(map(self.selected, selectors))

    def site(self, name: str) -> Region:
        """The addresses of a site; a more specific prefix of another site is that site's."""
        return self._where(lambda one: one.site == name)

    def sites(self) -> Region:
        """The addresses of any site."""
        return self._where(lambda one: one.site is not None)

    def places(self, region: Region) -> tuple[str, ...]:
        """The sites (by name), zones (`zone:NAME`) and `internet` in which the region has addresses."""
        found: set[AddressClass] = set()
        for realm, (begins, ends, classes) in self._placed.items():
            for first, last in region.spans.get(realm, ()):
                # Pieces lie side by side: those that a span meets are neighbours.
                found.update(classes[bisect_left(ends, first) : bisect_right(begins, last)])
        return tuple(sorted({name for one in found for name in _names(one)}))

    def label(self, addresses: Any) -> Any:
        """Append `class` (int32) to a table of `epoch`, `realm`, `hi`, `lo`: the class at this time,
        whatever the epoch says."""
        epoch = pa.array(np.full(addresses.num_rows, self._epoch, dtype=np.int64))
        at = addresses.column_names.index("epoch")
        labelled = self._classes.label(addresses.set_column(at, "epoch", epoch))
        return addresses.append_column(labelled.schema.field("class"), labelled["class"])

    def class_of(self, realm: str, address: IPAddress) -> int:
        """The class of one address."""
        return self._classes.of(realm, address, self.at)

    def member(self, region: Region) -> Sequence[bool]:
        """For each class whether its addresses are in the region. A region is made of selectors of the
        atlas, so a class is inside it or outside."""
        found = [False] * len(self._classes.list)
        for realm, pieces in self._pieces.items():
            spans = region.spans.get(realm, ())
            for (first, _), one in pieces:
                if covers(spans, first):
                    found[self._number[one]] = True
        return found

    def _where(self, wanted: Callable[[AddressClass], bool]) -> Region:
        return Region(
            {
                realm: spans
                for realm, pieces in self._pieces.items()
                if (spans := union(span for span, one in pieces if wanted(one)))
            }
        )


def _names(one: AddressClass) -> Iterator[str]:
    if one.site is not None:
        yield one.site
    elif one.zones:
        yield from (f"zone:{zone}" for zone in one.zones)
    elif one.globally_routable:
        yield "internet"
