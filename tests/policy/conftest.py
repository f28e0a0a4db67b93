"""Small random registers over small random inventories, and what they mean rule by rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import strategies as st

from sekisho.errors import FileProblems
from sekisho.inventory.files import parse_inventory
from sekisho.inventory.register import Inventory
from sekisho.model.rules import Policy, Rule, Selector
from sekisho.model.services import PortRange
from sekisho.model.sites import Asset, DatedPrefix, Group, Site, Zone
from sekisho.model.validity import Validity
from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.files import parse_policy

T = tuple(datetime(2024, month, 1, tzinfo=UTC) for month in (1, 2, 3, 4))
TICK = timedelta(microseconds=1)
MOMENTS = sorted({t + step for t in T for step in (-TICK, timedelta(0), TICK)})
SPANS = [Validity(), Validity(T[1], None), Validity(None, T[2]), Validity(T[1], T[2])]
PREFIXES = [
    ip_network(text)
    for text in [
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.2.0/24",
        "10.1.2.3/32",
        "10.2.0.0/15",
        "8.8.0.0/16",
        "8.8.8.0/24",
        "8.8.8.8/32",
        "224.0.0.0/4",
        "2001:db8:1::/48",
        "2001:db8:1:2::/64",
        "2001:db8:1:2::3/128",
        "2a00:1::/32",
        "fe80::/10",
    ]
]
LOCAL = [ip_network(p) for p in ("224.0.0.0/4", "169.254.0.0/16", "fe80::/10", "ff00::/8")]
LOCAL += [ip_network(p) for p in ("0.0.0.0/32", "255.255.255.255/32", "::/128")]
ADDRESSES = [
    ip_address(text)
    for text in [
        "10.0.0.0",
        "10.1.0.9",
        "10.1.1.255",
        "10.1.2.0",
        "10.1.2.3",
        "10.1.2.4",
        "10.1.2.255",
        "10.1.3.0",
        "10.3.255.255",
        "10.4.0.0",
        "9.255.255.255",
        "192.168.1.1",
        "8.8.8.8",
        "8.8.8.9",
        "8.8.9.0",
        "8.9.0.0",
        "239.1.1.1",
        "169.254.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "2001:db8:1::",
        "2001:db8:1:2::3",
        "2001:db8:1:2:ffff:ffff:ffff:ffff",
        "2001:db8:1:3::",
        "2001:db8:2::",
        "2a00:1::1",
        "2a00:2::",
        "fe80::1",
        "ff02::1",
        "::1",
        "::",
        "fd00::1",
    ]
]
REALMS = ("", "acq", "lost")
SITES = {"a": "", "b": "", "c": "acq"}
ZONES = {"y": "", "z": "acq"}
RANGES = [
    PortRange(None),
    PortRange(6, 443, 443),
    PortRange(6, 0, 65535),
    PortRange(6, 400, 500),
    PortRange(17, 65535, 65535),
    PortRange(17, 0, 0),
    PortRange(1, 0, 0),
    PortRange(255, 0, 0),
]
PORTS = [(6, 399), (6, 400), (6, 443), (6, 500), (6, 501), (6, 0), (6, 65535), (17, 0), (17, 65535)]
PORTS += [(1, 0), (58, 0), (255, 0), (0, 0)]


def inside(address: Any, prefix: Any) -> bool:
    return address.version == prefix.version and address in prefix


@dataclass(frozen=True)
class Case:
    """A register and an inventory, judged the slow way: one prefix and one rule after the other."""

    inventory: Inventory
    policy: Policy

    def _in(self, realm: str, address: Any, at: datetime) -> tuple[str | None, set[str]]:
        best, owner = -1, None
        for site in self.inventory.sites.values():
            for dated in site.prefixes:
                holds = dated.validity.holds(at) and site.validity.holds(at)
                fits = site.realm == realm and holds and inside(address, dated.prefix)
                if fits and dated.prefix.prefixlen > best:
                    best, owner = dated.prefix.prefixlen, site.name
        zones = {
            zone.name
            for zone in self.inventory.zones.values()
            for dated in zone.prefixes
            if zone.realm == realm and dated.validity.holds(at) and inside(address, dated.prefix)
        }
        return owner, zones

    def place(self, realm: str, address: Any, at: datetime) -> tuple[str, str | None, set[str], str]:
        """Scope, site, zones, and the other realm that counts, else the same."""
        if any(inside(address, prefix) for prefix in LOCAL):
            return "local", None, set(), realm
        routable = not address.is_private
        site, zones = self._in(realm, address, at)
        other = realm
        if site is None and not zones and routable and realm:
            site, zones = self._in("", address, at)
            other = ""
        if site is not None:
            return "site", site, set(), other
        return "zone" if zones else "global" if routable else "private", None, zones, other

    def means(self, selector: Selector, end: tuple[str, Any], at: datetime) -> bool:
        realm, address = end
        scope, site, zones, other = self.place(realm, address, at)
        if scope == "local":
            return False
        match selector.kind:
            case "any":
                return site is not None
            case "internet":
                return site is None and not address.is_private
            case "zone":
                return selector.value in zones
            case "site":
                return site == selector.value
            case "group":
                return site == selector.value[0] and any(
                    dated.validity.holds(at) and inside(address, dated.prefix)
                    for dated in self.inventory.groups[selector.value].members
                )
            case "asset":
                return any(
                    (row.hostname, row.address) == (selector.value, address)
                    and row.realm in (realm, other)
                    and row.validity.holds(at)
                    for row in self.inventory.assets
                )
            case _:
                return selector.realm in (realm, other) and inside(address, selector.prefix)

    def side(self, selectors: tuple[Selector, ...], end: tuple[str, Any], at: datetime) -> bool:
        return any(self.means(selector, end, at) for selector in selectors)

    def serves(self, rule: Rule, protocol: int, port: int) -> bool:
        return any(part.covers(protocol, port) for part in rule.services)

    def stands(self, rule: Rule, at: datetime) -> str:
        """`proposed`, `unknown` (not recorded yet), `out` of its validity, or `valid`."""
        end = rule.validity.end
        if rule.state == "proposed":
            return "proposed"
        if rule.recorded is not None and (at < rule.recorded or (end and rule.recorded >= end)):
            return "unknown"
        return "valid" if rule.validity.holds(at) else "out"

    def fixed(self, src: tuple[str, Any], dst: tuple[str, Any], at: datetime) -> Rank | None:
        """The verdict that no rule decides."""
        ends = [self.place(*end, at) for end in (src, dst)]
        scopes = [end[0] for end in ends]
        if "local" in scopes:
            return Rank.INTRA_SITE if set(scopes) <= {"local", "site"} else Rank.UNMAPPED
        outside = [scope in ("zone", "global") for scope in scopes]
        if "private" in scopes or all(outside):
            return Rank.UNMAPPED
        if any(outside):
            (site,) = (end[1] for end in ends if end[1])
            return None if self.inventory.sites[site].external == "audit" else Rank.EXTERNAL
        if ends[0][1] == ends[1][1] and ends[0][1] not in self.policy.intra_site:
            return Rank.INTRA_SITE
        return None

    def verdict(
        self, src: tuple[str, Any], dst: tuple[str, Any], protocol: int, port: int, at: datetime
    ) -> Rank:
        fixed = self.fixed(src, dst, at)
        if fixed is not None:
            return fixed
        found = {
            self.stands(rule, at)
            for rule in self.policy.rules
            if self.side(rule.sources, src, at)
            and self.side(rule.destinations, dst, at)
            and self.serves(rule, protocol, port)
        }
        if "valid" in found:
            return Rank.AUTHORIZED
        return Rank.LAPSED if "out" in found else Rank.UNAUTHORIZED


dated = st.builds(DatedPrefix, st.sampled_from(PREFIXES), st.sampled_from(SPANS))
selectors = st.one_of(
    st.sampled_from([Selector("any"), Selector("internet")]),
    st.builds(Selector, st.just("zone"), st.sampled_from(sorted(ZONES))),
    st.builds(Selector, st.just("site"), st.sampled_from(sorted(SITES))),
    st.builds(Selector, st.just("group"), st.sampled_from(["a/g", "b/g", "c/g"])),
    st.builds(Selector, st.just("asset"), st.sampled_from(["h1", "h2"])),
    st.builds(
        lambda prefix, realm: Selector("prefix", str(prefix), prefix, realm),
        st.sampled_from(PREFIXES),
        st.sampled_from(["", "acq"]),
    ),
)
sides = st.lists(selectors, min_size=1, max_size=3, unique=True).map(tuple)
rules = st.builds(
    Rule,
    id=st.just(""),
    sources=sides,
    destinations=sides,
    services=st.lists(st.sampled_from(RANGES), min_size=1, max_size=3).map(tuple),
    validity=st.sampled_from(SPANS),
    state=st.sampled_from(["active", "active", "active", "proposed"]),
    recorded=st.sampled_from([None, None, None, T[0], T[2], T[3]]),
)


@st.composite
def _cases(draw: st.DrawFn) -> Case:
    owned: dict[str, list[DatedPrefix]] = {name: [] for name in SITES}
    for realm in ("", "acq"):
        names = [None, *(name for name, its in SITES.items() if its == realm)]
        for prefix in PREFIXES:
            # No prefix belongs to two sites at once; it may move from one to another.
            first, second = draw(st.sampled_from(names)), draw(st.sampled_from(names))
            if first is not None and first == second:
                owned[first].append(DatedPrefix(prefix))
            elif draw(st.booleans()):
                for owner, span in ((first, Validity(None, T[2])), (second, Validity(T[2], None))):
                    if owner is not None:
                        owned[owner].append(DatedPrefix(prefix, span))
    sites = {
        name: Site(
            name, name, "", "UTC", "", tuple(owned[name]), realm,
            draw(st.sampled_from(["observe", "audit"])), draw(st.sampled_from([*SPANS[:1] * 4, *SPANS])),
        )
        for name, realm in SITES.items()
    }  # fmt: skip
    members = st.lists(dated, max_size=4).map(tuple)
    assets = st.builds(
        Asset, st.sampled_from(ADDRESSES), st.sampled_from(["h1", "h2"]), st.just("a"),
        st.sampled_from(["", "acq"]), validity=st.sampled_from(SPANS),
    )  # fmt: skip
    inventory = Inventory(
        sites=sites,
        groups={f"{name}/g": Group(name, "g", draw(members)) for name in SITES},
        zones={name: Zone(name, draw(members), realm) for name, realm in ZONES.items()},
        assets=draw(st.lists(assets, max_size=4).map(tuple)),
        realms=frozenset({"", "acq"}),
    )
    chosen = draw(st.lists(rules, max_size=5))
    numbered = tuple(replace(rule, id=f"R{n}") for n, rule in enumerate(chosen))
    intra = draw(st.frozensets(st.sampled_from(sorted(SITES))))
    return Case(inventory, Policy(rules=numbered, intra_site=intra))


ends = st.tuples(st.sampled_from(REALMS), st.sampled_from(ADDRESSES))


@pytest.fixture(scope="session")
def cases() -> st.SearchStrategy[Case]:
    """Registers over inventories whose prefixes nest, move, overlap between realms and reach IPv6."""
    return _cases()


@pytest.fixture(scope="session")
def connections() -> st.SearchStrategy[Any]:
    """(source, destination, protocol, port, time) on and beside every edge of those registers."""
    return st.tuples(ends, ends, st.sampled_from(PORTS), st.sampled_from(MOMENTS)).map(
        lambda drawn: (drawn[0], drawn[1], *drawn[2], drawn[3])
    )


WORLD = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16, {prefix: 10.41.0.0/16, from: 2020-06-01}]}
  us: {name: Lab, country: US, external: audit, prefixes: [10.60.0.0/16]}
  lab: {name: Bought, country: US, realm: acq, prefixes: [10.1.0.0/16]}
groups:
  jp/edi: [10.1.20.0/28]
  jp/db: [10.1.30.0/28]
  th/edi: [10.40.2.10]
  th/old: [{prefix: 10.40.3.0/24, until: 2019-12-31}]
zones:
  cloud: [203.0.113.0/24]
"""
HOSTS = b"""address,hostname,site,groups,owner,criticality
10.1.10.96,jp-files01,jp,files,it-jp,high
10.40.9.9,th-app02,th,,it-th,normal
"""


@pytest.fixture(scope="session")
def world() -> Inventory:
    """Three sites in the default realm and one with the same prefix in the realm acq."""
    return parse_inventory({"sites.yaml": WORLD, "assets.csv": HOSTS})


@pytest.fixture(scope="session")
def register(world: Inventory) -> Callable[[str], CompiledPolicy]:
    """The register of a policy.yaml over `world`."""
    return lambda text: CompiledPolicy(parse_policy({"policy.yaml": text.encode()}, world), world)


@pytest.fixture(scope="session")
def wrongs(world: Inventory) -> Callable[..., list[tuple[int, int, str, str]]]:
    """(line, column, code, mend) of everything that is wrong with a policy.yaml."""

    def read(text: str) -> list[tuple[int, int, str, str]]:
        with pytest.raises(FileProblems) as caught:
            parse_policy({"policy.yaml": text.encode()}, world)
        return [(p.line, p.column, p.code, p.mend) for p in caught.value.problems]

    return read
