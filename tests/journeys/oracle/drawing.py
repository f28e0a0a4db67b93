"""A whole random company from a seed."""

from __future__ import annotations

import random
from ipaddress import ip_network

from tests.journeys.oracle.company import add_members, add_sensors, random_rule, random_sites
from tests.journeys.oracle.talks import add_connection, add_heartbeats, random_pair
from tests.journeys.oracle.world import ALWAYS, Member, World, from_day


def random_world(seed: int) -> World:
    """A company of three to seven sites with its register, and what its sensors saw in eight days."""
    rng = random.Random(seed)
    world = World(
        seed=seed,
        sites=random_sites(rng),
        groups={},
        assets=[],
        zones={
            "partner": [Member(ip_network("52.1.0.0/16")), Member(ip_network("172.16.9.0/24"))],
            "vendor": [Member(ip_network("2a00:1450::/32"), rng.choice([ALWAYS, from_day(3)]))],
        },
        sensors={},
        rules=[],
        services={"mes": ("tcp/8443", "udp/9000-9010")},
        external=rng.choice(["observe", "observe", "audit"]),
        intra_site=None,
    )
    add_members(rng, world)
    add_sensors(rng, world)
    pairs = [pair for _ in range(rng.randint(20, 40)) if (pair := random_pair(rng, world))]
    world.rules = [random_rule(rng, world, n, rng.choice(pairs)) for n in range(rng.randint(4, 14))]
    world.intra_site = rng.choice([None, "audit", (rng.choice(sorted(world.sites)),)])
    add_heartbeats(rng, world)
    for pair in pairs:
        add_connection(rng, world, pair)
    return world
