"""Classes: addresses that no rule can tell apart, and the class of every address at every time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_network
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.inventory.register import Inventory
from sekisho.inventory.scopes import Reach, Scope
from sekisho.model.addresses import IPAddress, IPNetwork, bounds, number
from sekisho.model.rules import Selector
from sekisho.model.sites import DEFAULT_REALM
from sekisho.model.validity import Validity
from sekisho.policy.flatten import Held, Intervals, flatten


@dataclass(frozen=True, slots=True)
class AddressClass:
    """What all addresses of a class have in common.

    `groups` are those that the rules name, not every group; `selectors` are the numbers of the rules'
    selectors that mean these addresses (`Classes.selectors`). `globally_routable` is kept for
    addresses in no site.
    """

    scope: Scope
    site: str | None = None
    country: str | None = None
    groups: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    globally_routable: bool = False
    selectors: frozenset[int] = frozenset()

    @property
    def outside(self) -> bool:
        """Somebody outside who can be named: globally routable or in a zone, and in no site."""
        return self.scope in ("zone", "global")


@dataclass(frozen=True, slots=True)
class _Claim:
    """Why a prefix matters: it belongs to a site or zone, or a selector of a rule means it."""

    kind: Literal["site", "zone", "selector"]
    name: str = ""
    selector: int = -1
    site: str | None = None
    own: bool = True


class Classes:
    """Classes of one inventory under the selectors of one policy.

    Epoch `e` is the time from change point `e - 1` (included) until change point `e` of the
    inventory; epoch 0 is all time before the first.
    """

    def __init__(self, inventory: Inventory, selectors: Iterable[Selector]) -> None:
        self.inventory = inventory
        self.selectors: tuple[Selector, ...] = tuple(dict.fromkeys(selectors))
        self.number_of = {selector: number for number, selector in enumerate(self.selectors)}
        self.list: list[AddressClass] = []
        self._numbers: dict[AddressClass, int] = {}
        self._claims: dict[str, list[tuple[IPNetwork, Validity, _Claim]]] = {}
        self._intervals: dict[tuple[int, str], Intervals] = {}
        self._collect()
        kinds = {
            kind: [n for n, s in enumerate(self.selectors) if s.kind == kind]
            for kind in ("any", "internet")
        }
        self._any, self._internet = kinds["any"], kinds["internet"]
        self._site_selectors = self._named("site")
        self._zone_selectors = self._named("zone")

    def _named(self, kind: str) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position, selector in enumerate(self.selectors):
            if selector.kind == kind:
                found.setdefault(selector.value, []).append(position)
        return found

    def _collect(self) -> None:
        for site in self.inventory.sites.values():
            for dated in site.prefixes:
                both = dated.validity.meet(site.validity)
                if both is not None:
                    self._claim(site.realm, dated.prefix, both, _Claim("site", site.name))
        for zone in self.inventory.zones.values():
            for dated in zone.prefixes:
                self._claim(zone.realm, dated.prefix, dated.validity, _Claim("zone", zone.name))
        for position, selector in enumerate(self.selectors):
            for realm, prefix, validity, within in members(self.inventory, selector):
                self._claim(realm, prefix, validity, _Claim("selector", selector=position, site=within))

    def _claim(self, realm: str, prefix: IPNetwork, validity: Validity, claim: _Claim) -> None:
        self._claims.setdefault(realm, []).append((prefix, validity, claim))

    def epoch_of(self, at: datetime) -> int:
        """The epoch of an instant."""
        return bisect_right(self.inventory.change_points, at)

    def intervals(self, epoch: int, realm: str) -> Intervals:
        """The whole address space of a realm in an epoch, cut into intervals of one class each."""
        if realm not in self._claims:
            realm = DEFAULT_REALM if realm == DEFAULT_REALM else "\0"  # all unknown realms are alike
        found = self._intervals.get((epoch, realm))
        if found is None:
            found = self._intervals[epoch, realm] = flatten(self._held(epoch, realm), self._classify)
        return found

    def _held(self, epoch: int, realm: str) -> Iterable[Held[_Claim]]:
        points = self.inventory.change_points
        at = points[epoch - 1] if epoch else None
        for space in dict.fromkeys((realm, DEFAULT_REALM)):
            for prefix, validity, claim in self._claims.get(space, ()):
                if validity.begin is None if at is None else validity.holds(at):
                    first, last = bounds(prefix)
                    if space != realm:
                        claim = _Claim(claim.kind, claim.name, claim.selector, claim.site, own=False)
                    yield Held(first, last, claim)

    def _classify(self, claims: tuple[_Claim, ...], reach: Reach) -> int:
        if reach == "local":
            return self._number(AddressClass("local"))
        globally = reach == "global"
        own = tuple(claim for claim in claims if claim.own)
        if globally and not any(claim.kind != "selector" for claim in own):
            # The internet is the same from every realm: look in the default one too.
            own = claims
        site = next((claim.name for claim in reversed(own) if claim.kind == "site"), None)
        zones = tuple(sorted({claim.name for claim in own if claim.kind == "zone"}))
        chosen = {
            claim.selector for claim in own if claim.kind == "selector" and claim.site in (None, site)
        }
        if site is not None:
            chosen.update(self._any, self._site_selectors.get(site, ()))
            groups = tuple(sorted(s.value for n in chosen if (s := self.selectors[n]).kind == "group"))
            country = self.inventory.sites[site].country or None
            return self._number(
                AddressClass("site", site, country, groups, selectors=frozenset(chosen))
            )
        if globally:
            chosen.update(self._internet)
        for zone in zones:
            chosen.update(self._zone_selectors.get(zone, ()))
        scope: Scope = "zone" if zones else reach
        return self._number(
            AddressClass(scope, zones=zones, globally_routable=globally, selectors=frozenset(chosen))
        )

    def _number(self, found: AddressClass) -> int:
        known = self._numbers.get(found)
        if known is None:
            known = self._numbers[found] = len(self.list)
            self.list.append(found)
        return known

    def of(self, realm: str, address: IPAddress, at: datetime) -> int:
        """The class of one address at one time."""
        return self.intervals(self.epoch_of(at), realm).at(number(address))

    def label(self, addresses: Any) -> Any:
        """Append the column `class` (int32) to a table of `epoch`, `realm`, `hi`, `lo`."""
        rows = addresses.num_rows
        hi = addresses["hi"].to_numpy().astype(np.int64, copy=False)
        lo = addresses["lo"].to_numpy().astype(np.int64, copy=False)
        epochs = addresses["epoch"].to_numpy().astype(np.int64, copy=False)
        realms, names = _codes(addresses["realm"])
        result = np.zeros(rows, dtype=np.int32)
        combined = epochs * max(1, len(names)) + realms
        for value in np.unique(combined):
            epoch, code = divmod(int(value), max(1, len(names)))
            mine = slice(None) if len(hi) and (combined == value).all() else combined == value
            result[mine] = self.intervals(epoch, names[code]).lookup(hi[mine], lo[mine])
        return addresses.append_column(pa.field("class", pa.int32(), nullable=False), pa.array(result))


def _codes(column: Any) -> tuple[Any, Sequence[str]]:
    encoded = pc.dictionary_encode(column)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = pa.concat_arrays(encoded.chunks) if encoded.num_chunks else None
    if encoded is None or not len(encoded):
        return np.zeros(0, dtype=np.int64), ()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(
        np.int64
    ), encoded.dictionary.to_pylist()


def members(
    inventory: Inventory, selector: Selector
) -> Iterable[tuple[str, IPNetwork, Validity, str | None]]:
    """Realm, prefix, validity and the site it must be of, for selectors that name prefixes."""
    match selector.kind:
        case "group":
            group = inventory.groups.get(selector.value)
            for dated in group.members if group else ():
                site = inventory.sites[selector.value.partition("/")[0]]
                yield site.realm, dated.prefix, dated.validity, site.name
        case "asset":
            for asset in inventory.hostnames.get(selector.value.casefold(), ()):
                yield asset.realm, single(asset.address), asset.validity, None
        case "prefix" if selector.prefix is not None:
            yield selector.realm, selector.prefix, Validity(), None
        case _:
            return


def single(address: IPAddress) -> IPNetwork:
    """An address as the prefix that holds it alone."""
    return ip_network(address)
