"""Companies, gateways and restrictions as plain data, and what their words mean for one session.

Worked out address by address from the words of the reference, sharing nothing with what renders but
IANA's table of special addresses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from random import Random
from typing import Any, Literal

from sekisho.model.special_purpose import GLOBAL_WITHIN, LOCAL_SCOPE, NOT_GLOBAL

WITH_PORTS = (6, 17, 33, 132, 136)
PROTOCOLS = {"tcp": 6, "udp": 17, "icmp": 1, "icmp6": 58, "sctp": 132}
End = tuple[str, str]
"""(realm, address)."""


@dataclass(frozen=True)
class Site:
    realm: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    id: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    services: tuple[str, ...]
    essential: bool = False

    @property
    def text(self) -> str:
        ends = " -> ".join(", ".join(words) for words in (self.sources, self.destinations))
        return f"{ends} : {', '.join(self.services)}"


@dataclass(frozen=True)
class Plan:
    """A restriction: targets as (kind, words of the near end, words of the far end)."""

    targets: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    direction: Literal["both", "in", "out"] = "both"
    tier: bool = False
    allow: tuple[str, ...] = ()
    existing: Literal["drop", "drain"] = "drop"
    existing_at: tuple[tuple[str, Literal["drop", "drain"]], ...] = ()
    override: tuple[str, ...] = ()

    @property
    def sever(self) -> tuple[str, ...]:
        return tuple(
            kind if kind == "all"
            else f"{kind}:{', '.join(near)}" + (f" <-> {', '.join(far)}" if far else "")
            for kind, near, far in self.targets
        )  # fmt: skip


@dataclass
class World:
    """Everything that a plan rests on. Links of gateways are pairs of words."""

    sites: dict[str, Site] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    zones: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    gateways: dict[str, tuple[str, list[tuple[str, str]]]] = field(default_factory=dict)
    lifelines: dict[str, Rule] = field(default_factory=dict)

    # What words mean.

    def site_of(self, end: End) -> str | None:
        """The site whose prefix is the most specific."""
        realm, address = end
        found = [
            (_network(prefix).prefixlen, name)
            for name, site in self.sites.items()
            for prefix in site.prefixes
            if site.realm == realm and inside(address, prefix)
        ]
        return max(found)[1] if found and not local(address) else None

    def means(self, words: Sequence[str], end: End) -> bool:
        """Whether any of the words means this end."""
        return any(self._means(word, end) for word in words)

    def _means(self, word: str, end: End) -> bool:
        realm, address = end
        if local(address):
            return False
        site = self.site_of(end)
        if word == "*":
            return site is not None
        if word == "internet":
            return site is None and world_wide(address)
        if word.startswith("zone:"):
            known = realm == "" or world_wide(address)
            here = any(inside(address, one) for one in self.zones[word.removeprefix("zone:")])
            return site is None and known and here
        if word in self.sites or word.endswith("/*"):
            return site == word.removesuffix("/*")
        if word in self.groups:
            mine = any(inside(address, one) for one in self.groups[word])
            return mine and site == word.split("/")[0]
        # An address or a prefix is one of the first realm; a party outside is the same from each.
        return inside(address, word) and (realm == "" or (site is None and world_wide(address)))

    def ends_of_link(self, words: Sequence[str], others: Sequence[str], end: End) -> bool:
        """One end of a link, where `*` is every site that the other end has nothing of."""
        if not self.means(words, end):
            return False
        if "*" not in words:
            return True
        site = self.site_of(end)
        return site is None or not any(self._touches(one, site) for one in others)

    def _touches(self, word: str, site: str) -> bool:
        return word in (site, f"{site}/*") or (word in self.groups and word.split("/")[0] == site)

    # What plans do.

    def severs(self, plan: Plan, gateway: str, src: End, dst: End) -> bool:
        """Whether a session that `src` begins is among what is severed and can pass the gateway."""
        for target in plan.targets:
            ways = []
            if plan.direction != "in":
                ways.append((src, dst))
            if plan.direction != "out":
                ways.append((dst, src))
            if any(self._between(target, gateway, near, far) for near, far in ways):
                return True
        return False

    def _between(self, target: Any, gateway: str, near: End, far: End) -> bool:
        kind, left, right = target
        one, other = self.site_of(near), self.site_of(far)
        match kind:
            case "all":
                return one is not None and other not in (None, one) and self.carries(gateway, near, far)
            case "site":
                ours = one == left[0] and other not in (None, one)
                return ours and self.carries(gateway, near, far)
            case "link":
                ours = self.ends_of_link(left, right, near) and self.ends_of_link(right, left, far)
                return ours and self.carries(gateway, near, far)
        return self._severed_whole(left[0], near) and self.reaches(gateway, near)

    def _severed_whole(self, word: str, end: End) -> bool:
        if word in self.groups:
            return self._means(word, end)
        if self.site_of(("", word.split("/")[0])) is not None:
            return end[0] == "" and self._means(word, end)
        return inside(end[1], word) and not local(end[1])

    def carries(self, gateway: str, one: End, other: End) -> bool:
        """Whether traffic of two ends passes the gateway, as its links say."""
        return any(
            (self._side(link, 0, a) and self._side(link, 1, b))
            for link in self.gateways[gateway][1]
            for a, b in ((one, other), (other, one))
        )

    def reaches(self, gateway: str, end: End) -> bool:
        """Whether some traffic of an end passes the gateway."""
        return any(self._side(link, n, end) for link in self.gateways[gateway][1] for n in (0, 1))

    def _side(self, link: tuple[str, str], which: int, end: End) -> bool:
        return self.ends_of_link((link[which],), (link[1 - which],), end)

    def kept_by(self, plan: Plan, src: End, dst: End, protocol: int, port: int) -> str | None:
        """tier, allow or lifeline: why a session stays open; None where nothing keeps it."""
        reasons: list[tuple[str, Rule]] = [
            ("allow" if rule.id in plan.allow else "tier", rule)
            for rule in self.rules
            if rule.id in plan.allow or (plan.tier and rule.essential)
        ]
        reasons += [
            ("lifeline", rule) for name, rule in self.lifelines.items() if name not in plan.override
        ]
        for why, rule in reasons:
            ends = self.means(rule.sources, src) and self.means(rule.destinations, dst)
            if ends and any(serves(service, protocol, port) for service in rule.services):
                return why
        return None

    def runs_out(self, plan: Plan, src: End, dst: End) -> str:
        """drain, drop, or `dropped` where a place says drop in spite of what is said of all."""
        said = {how for word, how in plan.existing_at for end in (src, dst) if self._means(word, end)}
        if "drop" in said:
            return "dropped" if plan.existing == "drain" or "drain" in said else "drop"
        return "drain" if plan.existing == "drain" or "drain" in said else "drop"


_network = cache(ip_network)


@cache
def inside(address: str, prefix: str) -> bool:
    """Whether an address lies in a prefix of its own family."""
    return ip_address(address) in _network(prefix)


@cache
def local(address: str) -> bool:
    """Addresses that are no party: they do not leave a link."""
    return any(ip_address(address) in one for one in LOCAL_SCOPE)


@cache
def world_wide(address: str) -> bool:
    """Whether an address is the same from everywhere, as IANA's registries say."""
    one = ip_address(address)
    if one.version == 6 and one.ipv4_mapped:
        return False
    return any(one in within for within in GLOBAL_WITHIN) or not any(one in some for some in NOT_GLOBAL)


def serves(service: str, protocol: int, port: int) -> bool:
    """Whether a service of a rule is that of a session."""
    if service == "any":
        return True
    if service == "icmp":
        return protocol in (1, 58)
    name, _, ports = service.partition("/")
    low, _, high = ports.partition("-")
    return PROTOCOLS[name] == protocol and int(low) <= port <= int(high or low)


def a_world(random: Random) -> World:
    """Three or four sites, sometimes in two realms with the same addresses, and prefixes within others'."""
    world = World()
    realms = ("", "bought") if random.random() < 0.4 else ("",)
    for n, name in enumerate(("aa", "bb", "cc", "dd")[: random.randint(3, 4)]):
        realm = realms[n % len(realms)]
        number = n // len(realms) if len(realms) > 1 else n
        prefixes = [f"10.{number}.0.0/16"]
        if random.random() < 0.8:
            prefixes.append(f"2001:db8:{number}::/48")
        if n and random.random() < 0.4:
            # A part of another site's range that is this one's.
            prefixes.append(f"10.{(number + 1) % 3}.{64 + n}.0/{random.choice((24, 25, 31))}")
        world.sites[name] = Site(realm, tuple(prefixes))
    for name, site in world.sites.items():
        base = site.prefixes[0].rsplit(".", 2)[0]
        for group in ("edi", "ot")[: random.randint(1, 2)]:
            members = [
                f"{base}.{random.randint(0, 63)}.{random.choice(('0/28', '16/30', '7', '64/27'))}"
            ]
            if any(":" in one for one in site.prefixes):
                v6 = next(one for one in site.prefixes if ":" in one).removesuffix("::/48")
                members.append(f"{v6}:{random.randint(1, 9)}::{random.choice(('5', '0/126', '0/64'))}")
            world.groups[f"{name}/{group}"] = tuple(members)
    world.zones = {"vendor": ("198.18.7.0/24",), "cloud": ("8.8.8.0/26", "2400:cb00::/64")}
    places = [f"{name}/*" for name in world.sites] + list(world.groups)
    words = [*places, *places, "*", "zone:vendor", "zone:cloud", "internet"]
    services = (
        "tcp/443", "udp/500-510", "any", "icmp", "tcp/0-65535", "tcp/8000-8443", "udp/53", "sctp/36412",
    )  # fmt: skip
    for n in range(random.randint(2, 6)):
        world.rules.append(
            Rule(
                f"R{n}",
                tuple(random.sample(words, random.randint(1, 2))),
                tuple(random.sample(words, random.randint(1, 2))),
                tuple(random.sample(services, random.randint(1, 3))),
                random.random() < 0.5,
            )
        )
    if random.random() < 0.5:
        world.lifelines["fleet"] = Rule("fleet", ("*",), (random.choice(places),), ("tcp/8443",))
    for name, site in world.sites.items():
        far = ["*", "internet", "zone:vendor", *(other for other in world.sites if other != name)]
        world.gateways[f"{name}-gw"] = (
            site.realm, [(name, one) for one in random.sample(far, random.randint(1, 3))]
        )  # fmt: skip
    return world


def a_plan(world: World, random: Random) -> Plan:
    """Something to sever, with anything that can be said of it."""
    sites, groups = list(world.sites), list(world.groups)
    targets = []
    for _ in range(random.choice((1, 1, 2))):
        kind = random.choice(("host", "group", "link", "link", "site", "all"))
        near: tuple[str, ...] = ()
        far: tuple[str, ...] = ()
        if kind == "host":
            some = [one for prefix in world.groups[random.choice(groups)] for one in edges(prefix)]
            near = (random.choice([*some, "8.8.8.8", "8.8.9.0/25", "203.0.112.9", "2400:cb00::1"]),)
        elif kind == "group":
            near = (random.choice(groups),)
        elif kind == "site":
            near = (random.choice(sites),)
        elif kind == "link":
            one, other = random.sample(sites, 2)
            near = (random.choice((one, *(g for g in groups if g.startswith(one)))),)
            far = (random.choice((other, other, "*", "internet", "zone:vendor", "zone:cloud")),)
            if random.random() < 0.4:
                near, far = far, near
        targets.append((kind, near, far))
    places = [*sites, *groups, "internet", "zone:vendor"]
    return Plan(
        tuple(targets),
        "both"
        if any(kind == "all" for kind, _, _ in targets)
        else random.choice(("both", "in", "out")),
        random.random() < 0.4,
        tuple(random.sample([r.id for r in world.rules], random.randint(0, 2))),
        random.choice(("drop", "drop", "drain")),
        tuple(
            (place, random.choice(("drop", "drain")))
            for place in random.sample(places, random.choice((0, 0, 1, 2)))
        ),
        ("fleet",) if world.lifelines and random.random() < 0.3 else (),
    )


def edges(prefix: str) -> Iterator[str]:
    """The addresses at and just beyond both ends of a prefix."""
    network = ip_network(prefix)
    for n in {0, 1, network.num_addresses - 1, network.num_addresses, -1}:
        yield str(network.network_address + n)


def addresses(world: World, random: Random, count: int) -> list[End]:
    """Ends on and around the boundaries of everything that the world names."""
    named = [prefix for site in world.sites.values() for prefix in site.prefixes]
    for prefixes in (*world.groups.values(), *world.zones.values()):
        named += prefixes
    found = sorted({one for prefix in named for one in edges(prefix)})
    found += ["8.8.4.4", "2a00::1", "192.168.1.1"]
    realms = sorted({site.realm for site in world.sites.values()})
    return [(random.choice(realms), random.choice(found)) for _ in range(count)]
