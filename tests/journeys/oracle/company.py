"""A random company: sites that nest and move, groups and assets for a time, sensors that fail, rules."""

from __future__ import annotations

import random
from ipaddress import ip_address, ip_network

from tests.journeys.oracle.world import (
    ALWAYS,
    BASE,
    DAY,
    HOUR,
    SECOND,
    TCP,
    UDP,
    Asset,
    Kind,
    Member,
    Pair,
    Rule,
    Sensor,
    Site,
    Span,
    World,
    days,
    from_day,
    instants,
    through_day,
)

SERVICES = (
    "tcp/443", "tcp/8443", "udp/500-510", "smb", "rdp", "dns", "winrm", "icmp", "mes", "tcp/1000-2000",
    "ssh", "udp/9999", "tcp/0-65535", "any", "ntp",
)  # fmt: skip


def random_sites(rng: random.Random) -> dict[str, Site]:
    def net(text: str, span: Span = ALWAYS) -> Member:
        return Member(ip_network(text), span)

    move = rng.choice([3, 4])
    before, after = through_day(move - 1), from_day(move)
    if rng.random() < 0.5:
        at = BASE + move * DAY + rng.randint(6, 18) * HOUR
        before, after = instants(None, at), instants(at, None)
    sites = [
        Site(
            "hq",
            [net("10.1.0.0/16"), net("2001:db8:1::/48"), net("131.107.8.0/24")],
            ["10.1.20.5", "10.1.30.3", "10.1.10.96", "10.1.64.9", "2001:db8:1::5", "131.107.8.20"],
            external=rng.choice([None, None, "audit", "observe"]),
        ),
        Site(
            "plant",
            [net("10.40.0.0/16"), net("2001:db8:40::/48"), net("10.50.0.0/16", before)],
            ["10.40.2.10", "10.40.3.3", "10.40.9.9", "2001:db8:40::9", "10.50.1.1"],
            external=rng.choice([None, None, "audit"]),
        ),
        Site(
            "branch",
            [net("10.60.0.0/16"), net("10.50.0.0/16", after), net("2400:cb00:77::/48")],
            ["10.60.0.7", "10.60.1.8", "10.50.2.2", "2400:cb00:77::5"],
            span=rng.choice([ALWAYS, ALWAYS, from_day(2), through_day(5)]),
        ),
    ]
    if rng.random() < 0.7:
        span = rng.choice([ALWAYS, before, after])
        sites.append(
            Site(
                "lab",
                [net("10.1.64.0/20", span), net("10.40.9.0/24", span), net("2001:db8:1:64::/64", span)],
                ["10.1.64.9", "10.1.65.1", "10.40.9.9", "2001:db8:1:64::1"],
            )
        )
    if rng.random() < 0.5:
        sites.append(Site("acq-a", [net("10.1.0.0/16")], ["10.1.20.5", "10.1.64.9"], "acq"))
        sites.append(Site("acq-b", [net("10.40.0.0/16")], ["10.40.2.10", "10.40.9.9"], "acq"))
    return {site.name: site for site in sites}


def add_members(rng: random.Random, world: World) -> None:
    half = BASE + 4 * DAY + 13 * HOUR
    spans = [ALWAYS, ALWAYS, from_day(3), through_day(4), instants(half, None), instants(None, half)]
    members = {
        "hq/edi": ["10.1.20.0/28", "2001:db8:1::5/128"],
        "hq/db": ["10.1.30.3/32", "10.1.10.64/26"],
        "plant/edi": ["10.40.2.10/32", "10.40.3.0/28"],
        "branch/front": ["10.60.0.0/24", "10.50.2.2/32"],
    }
    if "acq-a" in world.sites:
        members["acq-a/edi"] = ["10.1.20.0/24"]
    lab = world.sites.get("lab")
    if lab is None or lab.prefixes[0].span != ALWAYS:
        members["hq/db"].append("10.1.64.9/32")
    for label, texts in members.items():
        # A member whose address is another site's all the while would be an error.
        moves = ("10.1.64.9/32", "10.50.2.2/32")
        world.groups[label] = [
            Member(ip_network(text), ALWAYS if text in moves else rng.choice(spans)) for text in texts
        ]
    world.assets = [
        Asset("10.1.10.96", "files", "hq", ("db",), span=rng.choice(spans)),
        Asset("2001:db8:1::96", "files", "hq"),
        Asset("10.40.3.3", "scada", "plant", ("edi", "ot")),
        Asset("10.60.1.8", "till", "branch", span=rng.choice([ALWAYS, days(2, 5)])),
    ]
    for asset in world.assets:
        for group in asset.groups:
            held = world.groups.setdefault(f"{asset.site}/{group}", [])
            held.append(Member(ip_network(asset.address), asset.span))
    if "acq-a" in world.sites:
        world.assets.append(Asset("10.1.20.5", "old-files", "acq-a", realm="acq"))


def add_sensors(rng: random.Random, world: World) -> None:
    for site in world.sites.values():
        for number in range(rng.choice([1, 1, 1, 2])):
            name = f"{site.name}-s{number}"
            kind: Kind = rng.choice(["zeek", "zeek", "generic", "netflow"])
            offset = rng.choice([0, 0, 0, rng.randint(-40, 40) * SECOND + rng.randint(0, 999) * 1000])
            outage = None
            if rng.random() < 0.4:
                begin = BASE + rng.randint(1, 4) * DAY + rng.randint(0, 23) * HOUR
                outage = (begin, begin + rng.randint(5, 60) * HOUR)
            world.sensors[name] = Sensor(name, site.name, kind, site.realm, offset, outage)


def random_rule(rng: random.Random, world: World, number: int, pair: Pair) -> Rule:
    """Anything, or what fits a pair of ends that will talk."""
    inside = [f"{site}/*" for site in world.sites] * 2 + list(world.groups) * 2
    inside += [
        "asset:files",
        "asset:scada",
        "asset:till",
        "*",
        "10.40.0.0/16",
        "10.1.20.5",
        "10.50.0.0/16",
    ]
    inside += ["2001:db8:1::/48", "10.1.64.0/20" if "lab" in world.sites else "10.60.0.0/16"]
    if "acq-a" in world.sites:
        inside += ["acq:10.1.0.0/16", "acq:10.40.2.10", "asset:old-files"]
    outside = ["internet", "zone:partner", "zone:vendor"]
    spans = [ALWAYS, ALWAYS, from_day(rng.randint(-3, 6)), through_day(rng.randint(-3, 6)), days(1, 4)]
    half = BASE + rng.randint(1, 6) * DAY + rng.randint(1, 22) * HOUR
    spans += [instants(half, None), instants(None, half), instants(half, half + 30 * HOUR)]

    def some(pool: list[str], most: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rng.choice(pool) for _ in range(rng.randint(1, most))))

    way = rng.random()
    sources = some(outside if way < 0.1 else inside, 2)
    destinations = some(outside if 0.1 <= way < 0.25 else inside, 2)
    services = some(list(SERVICES), 3)
    if rng.random() < 0.6:
        sources, destinations = (
            _fitting(world, pair.realm, pair.src),
            _fitting(world, pair.realm, pair.dst),
        )
        name = {TCP: "tcp", UDP: "udp"}.get(pair.protocol)
        services = (f"{name}/{pair.port}",) if name and rng.random() < 0.8 else ("any", "icmp")
    return Rule(
        f"R-{number}", sources, destinations, services, rng.choice(spans), proposed=rng.random() < 0.1
    )


def _fitting(world: World, realm: str, text: str) -> tuple[str, ...]:
    """A selector that may mean an address: its site's, its own, or everything outside."""
    address = ip_address(text)
    named = [
        f"{site.name}/*"
        for site in world.sites.values()
        if site.realm == realm and any(address in m.prefix for m in site.prefixes)
    ]
    named += [f"acq:{text}" if realm else text] if named else ["internet", "zone:partner"]
    return tuple(named[int(address) % 2 :][:2])
