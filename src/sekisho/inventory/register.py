"""The inventory as one value, and the question everyone asks it: who is this address, at that time?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from sekisho.errors import Problem
from sekisho.inventory.place import PrefixTable
from sekisho.inventory.scopes import Scope, reach
from sekisho.model.addresses import IPAddress, IPNetwork, number
from sekisho.model.sites import (
    DEFAULT_REALM,
    Asset,
    Group,
    Relay,
    Sensor,
    Site,
    Translation,
    Zone,
)
from sekisho.model.validity import Validity, change_points


@dataclass(frozen=True, slots=True)
class Placement:
    """What an address was at one time. `site` is None outside the sites; groups are `site/group`."""

    scope: Scope
    site: str | None = None
    country: str | None = None
    groups: tuple[str, ...] = ()
    asset: Asset | None = None
    zones: tuple[str, ...] = ()
    globally_routable: bool = False
    """By the IANA registries; kept for addresses in no site, where the verdict rests on it."""


@dataclass(frozen=True)
class Inventory:
    """Sites, groups, zones, sensors and assets, as read from the workspace.

    `groups` is keyed by `site/group` and holds the members that assets.csv adds too. `sha256` is over
    the files as they were; `warnings` are the problems that did not stop the reading.
    """

    sites: Mapping[str, Site] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    zones: Mapping[str, Zone] = field(default_factory=dict)
    sensors: Mapping[str, Sensor] = field(default_factory=dict)
    assets: tuple[Asset, ...] = ()
    translations: tuple[Translation, ...] = ()
    relays: Mapping[str, Relay] = field(default_factory=dict)
    realms: frozenset[str] = frozenset({DEFAULT_REALM})
    sha256: str = ""
    warnings: tuple[Problem, ...] = ()

    @cached_property
    def change_points(self) -> tuple[datetime, ...]:
        """Instants at which the answer of `place` may change, in order, each once."""
        spans = [site.validity for site in self.sites.values()]
        spans += [p.validity for site in self.sites.values() for p in site.prefixes]
        spans += [p.validity for group in self.groups.values() for p in group.members]
        spans += [p.validity for zone in self.zones.values() for p in zone.prefixes]
        spans += [asset.validity for asset in self.assets]
        return change_points(spans)

    @cached_property
    def hostnames(self) -> Mapping[str, tuple[Asset, ...]]:
        """All rows of assets.csv by hostname in lower case."""
        rows: dict[str, list[Asset]] = {}
        for asset in self.assets:
            rows.setdefault(asset.hostname.casefold(), []).append(asset)
        return MappingProxyType({name: tuple(found) for name, found in rows.items()})

    @cached_property
    def _sites(self) -> PrefixTable[tuple[Site, Validity]]:
        table: PrefixTable[tuple[Site, Validity]] = PrefixTable()
        for site in self.sites.values():
            for dated in site.prefixes:
                both = dated.validity.meet(site.validity)
                if both is not None:
                    table.add(site.realm, dated.prefix, (site, both))
        return table

    @cached_property
    def _zones(self) -> PrefixTable[tuple[Zone, Validity]]:
        table: PrefixTable[tuple[Zone, Validity]] = PrefixTable()
        for zone in self.zones.values():
            for dated in zone.prefixes:
                table.add(zone.realm, dated.prefix, (zone, dated.validity))
        return table

    @cached_property
    def _groups(self) -> PrefixTable[tuple[Group, Validity]]:
        table: PrefixTable[tuple[Group, Validity]] = PrefixTable()
        for group in self.groups.values():
            for dated in group.members:
                table.add(self.sites[group.site].realm, dated.prefix, (group, dated.validity))
        return table

    @cached_property
    def _assets(self) -> Mapping[tuple[str, int], list[Asset]]:
        rows: dict[tuple[str, int], list[Asset]] = {}
        for asset in self.assets:
            rows.setdefault((asset.realm, number(asset.address)), []).append(asset)
        return rows

    @cached_property
    def _relays(self) -> PrefixTable[tuple[Relay, Validity]]:
        table: PrefixTable[tuple[Relay, Validity]] = PrefixTable()
        for relay in self.relays.values():
            for dated in relay.addresses:
                both = dated.validity.meet(relay.validity)
                if both is not None:
                    table.add(relay.realm, dated.prefix, (relay, both))
        return table

    def relaying(self, realm: str, address: IPAddress) -> tuple[tuple[Relay, Validity], ...]:
        """The relays that the address is of, each with when."""
        return tuple(self._relays.holding(realm, number(address)))

    def serves(self, relay: Relay, realm: str, address: IPAddress, at: datetime) -> bool:
        """Whether the relay forwards for the address at that time, as far as the register says."""
        if not relay.serves:
            return True
        place = self.place(realm, address, at)
        return any(
            one in (place.site, *place.groups)
            if isinstance(one, str)
            else realm == relay.realm and address in one
            for one in relay.serves
        )

    def registered(self, realm: str, prefix: IPNetwork) -> bool:
        """Whether the whole prefix lies in one prefix of a site or zone, at whatever time."""
        tables = (self._sites, self._zones)
        return any(True for table in tables for _ in table.holding_prefix(realm, prefix))

    def sites_of(self, realm: str, prefix: IPNetwork) -> frozenset[str]:
        """The sites one of whose prefixes holds the whole prefix, at whatever time."""
        return frozenset(site.name for site, _ in self._sites.holding_prefix(realm, prefix))

    def place(self, realm: str, address: IPAddress, at: datetime) -> Placement:
        """Who the address was at that time. The longest prefix wins among those valid then.

        A globally routable address that its own realm does not know is looked up in the default
        realm too: the internet is the same from everywhere. Multicast, link-local, unspecified and
        limited broadcast addresses have scope `local` and belong to no site of their own; the
        broadcast address of a registered prefix is an address of that site.
        """
        value = number(address)
        kind = reach(value)
        if kind == "local":
            return Placement("local")
        found = self._place_in(realm, value, at, globally=kind == "global")
        if found is None and kind == "global" and realm != DEFAULT_REALM:
            found = self._place_in(DEFAULT_REALM, value, at, globally=True)
        return found or Placement(kind, globally_routable=kind == "global")

    def _place_in(self, realm: str, value: int, at: datetime, *, globally: bool) -> Placement | None:
        asset = next((a for a in self._assets.get((realm, value), ()) if a.validity.holds(at)), None)
        site = next(
            (s for s, validity in self._sites.holding(realm, value) if validity.holds(at)), None
        )
        if site is not None:
            groups = {
                group.label
                for group, validity in self._groups.holding(realm, value)
                if group.site == site.name and validity.holds(at)
            }
            return Placement("site", site.name, site.country or None, tuple(sorted(groups)), asset)
        zones = {
            zone.name for zone, validity in self._zones.holding(realm, value) if validity.holds(at)
        }
        if zones:
            return Placement("zone", zones=tuple(sorted(zones)), globally_routable=globally)
        return None
