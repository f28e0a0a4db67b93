"""Random conversations of a company, and which sensors saw them."""

from __future__ import annotations

import random
from ipaddress import ip_address

from tests.journeys.oracle.world import (
    BASE,
    DAY,
    DAYS,
    GRE,
    HOUR,
    ICMP,
    ICMP6,
    MINUTE,
    SECOND,
    TCP,
    UDP,
    Outcome,
    Pair,
    Sensor,
    Talk,
    View,
    World,
    change_points,
    quiet_instant,
)

PORTS = {
    TCP: (22, 135, 443, 445, 1433, 1500, 3389, 5985, 5986, 5987, 8443, 9999),
    UDP: (53, 123, 500, 505, 510, 511, 9005, 9999),
}
OUTSIDE = ("8.8.8.8", "52.1.2.3", "52.1.9.9", "2606:4700::1111", "2a00:1450::8")
NOWHERE = ("192.168.77.1", "172.16.9.4", "100.64.3.3", "fd00:77::1", "198.51.100.7", "10.99.1.1")
LOCAL = ("224.0.0.251", "255.255.255.255", "ff02::fb", "169.254.7.7", "fe80::7", "0.0.0.0")


def random_pair(rng: random.Random, world: World) -> Pair | None:
    realm = rng.choice(["", "", "", "acq"]) if "acq-a" in world.sites else ""
    sites = [site for site in world.sites.values() if site.realm == realm]
    a, b = rng.choice(sites), rng.choice(sites)
    src = rng.choice(a.hosts)
    version = ip_address(src).version
    dst = rng.choice([h for h in b.hosts if ip_address(h).version == version and h != src] or [src])
    watching = [a.name, b.name]
    odd = rng.random()
    for share, pool in ((0.12, OUTSIDE), (0.2, NOWHERE), (0.25, LOCAL)):
        if odd < share:
            other = [text for text in pool if ip_address(text).version == version]
            dst, watching = rng.choice(other), [a.name]
            break
    if odd < 0.25 and rng.random() < 0.3 and dst not in LOCAL:
        src, dst = dst, src
    elif 0.25 <= odd < 0.28 and version == 4:
        src, dst = rng.choice([("8.8.8.8", "52.1.2.3"), ("192.168.77.1", "10.99.1.1")])
    protocol = rng.choice([TCP, TCP, TCP, TCP, UDP, UDP, ICMP, GRE])
    if protocol == ICMP and version == 6:
        protocol = ICMP6
    port = rng.choice(PORTS[protocol]) if protocol in PORTS else 0
    return Pair(realm, src, dst, protocol, port, tuple(watching)) if src != dst else None


def add_connection(rng: random.Random, world: World, pair: Pair) -> None:
    realm, src, dst, protocol, port = pair.realm, pair.src, pair.dst, pair.protocol, pair.port
    watchers = [s for s in world.sensors.values() if s.site in pair.sites]
    if protocol == GRE:
        watchers = [s for s in watchers if s.kind != "zeek"]
    if not watchers:
        return
    outcomes: list[Outcome] = ["full", "silent", "rejected", "denied", "half", "cut"]
    liking = rng.choice(
        [[6, 1, 1, 0, 0, 0], [1, 4, 1, 1, 1, 1], [0, 3, 0, 0, 3, 1], [2, 1, 1, 1, 1, 1]]
    )
    # Without ports nothing tells two conversations apart but time.
    narrow = rng.random() < 0.4 and protocol in PORTS
    first = quiet_instant(rng, world)
    taken: list[int] = []
    ports: list[tuple[int, int]] = []
    for _ in range(rng.randint(1, 7)):
        at = quiet_instant(rng, world)
        if narrow and abs(at - first) > DAY:
            at = first + rng.randint(1, 600) * SECOND // 4
        if protocol not in PORTS and any(abs(at - other) < 2 * HOUR for other in taken):
            continue
        taken.append(at)
        outcome = rng.choices(outcomes, liking)[0]
        talk = _talk(rng, world, realm, src, dst, protocol, port, at, outcome)
        # A port comes round again, but not within what may still be the same conversation.
        again = rng.choice(ports) if ports and rng.random() < 0.2 else (talk.src_port, at)
        if all(abs(start - at) > 3 * HOUR for port_, start in ports if port_ == again[0]):
            talk.src_port = again[0]
        ports.append((talk.src_port, at))
        _record(rng, world, talk, watchers)
    exact = [s for s in watchers if s.offset == 0]
    if exact and rng.random() < 0.3:
        at = rng.choice(change_points(world) or [BASE]) - rng.choice([0, 0, 1000])
        sensor = rng.choice(exact)
        near = any(abs(at - other) < 2 * HOUR for other in taken)
        if (
            BASE < at < BASE + DAYS * DAY - HOUR
            and sensor.awake(at)
            and (protocol in PORTS or not near)
        ):
            talk = _talk(
                rng, world, realm, src, dst, protocol, port, at, rng.choices(outcomes, liking)[0]
            )
            talk.duration = 0 if talk.outcome != "full" else talk.duration
            _record(rng, world, talk, [sensor])


def _talk(
    rng: random.Random,
    world: World,
    realm: str,
    src: str,
    dst: str,
    protocol: int,
    port: int,
    at: int,
    outcome: Outcome,
) -> Talk:
    at = at // 1000 * 1000  # the coarsest of the formats counts milliseconds
    header = (20 if ip_address(src).version == 4 else 40) + {TCP: 20, UDP: 8}.get(protocol, 8)
    payload, packets = [0, 0], [1, 0]
    if outcome == "full":
        payload = [rng.choice([80, 900, 5000, 200_000]) + rng.randint(0, 99) for _ in range(2)]
        packets = [size // 1200 + 4 for size in payload]
    elif outcome == "half":
        payload = [rng.choice([200, 1500, 3000, 9000]), 0]
        packets = [payload[0] // 1200 + 1, 0]
    elif outcome == "cut":
        payload, packets = [rng.choice([200, 6000]), 0], [6, 0]
    elif outcome == "rejected":
        packets = [1, 1] if protocol == TCP else [1, 0]
        payload = [0 if protocol == TCP else 40, 0]
    elif outcome == "denied":
        payload = [rng.choice([0, 60, 6000]), 0]
        packets = [payload[0] // 1200 + 1, 0]
    elif protocol == UDP:
        payload = [rng.choice([40, 300, 2500]), 0]
        packets = [payload[0] // 1200 + 1, 0]
    elif protocol == TCP:
        packets = [rng.randint(1, 4), 0]
    return Talk(
        realm=realm,
        src=src,
        dst=dst,
        protocol=protocol,
        src_port=next(world.ports) if protocol in PORTS else 0,
        port=port,
        start=at,
        duration=rng.choice([5_000, 5_000, 5_000, 2_400_000]) * rng.randint(1, 1000)
        if sum(packets) > 1
        else 0,
        outcome=outcome,
        payload=(payload[0], payload[1]),
        packets=(packets[0], packets[1]),
        bytes=(payload[0] + packets[0] * header, payload[1] + packets[1] * header),
    )


def _record(rng: random.Random, world: World, talk: Talk, watchers: list[Sensor]) -> None:
    """Let some of the sensors that are awake see it; what nobody saw never was."""
    awake = [s for s in watchers if s.awake(talk.start) and s.realm == talk.realm]
    if talk.outcome == "denied":
        awake = [s for s in awake if s.kind != "zeek"]
    elif talk.protocol != TCP and talk.outcome in ("rejected", "cut"):
        awake = [s for s in awake if s.kind == "generic"]  # the only one that can say so
    if rng.random() < 0.35:
        awake = rng.sample(awake, min(1, len(awake)))
    _see(rng, talk, awake)
    if talk.views:
        world.talks.append(talk)


def _see(rng: random.Random, talk: Talk, sensors: list[Sensor]) -> None:
    for sensor in sensors:
        late = rng.randint(0, 3) * 1000 if len(sensors) > 1 else 0
        start = talk.start + sensor.offset + late
        talk.views.append(View(sensor.name, start, start + talk.duration, rng.randrange(1 << 16)))


def add_heartbeats(rng: random.Random, world: World) -> None:
    """What shows that a sensor is alive, and what the clocks of two ends can be compared by."""
    for sensor in world.sensors.values():
        site = world.sites[sensor.site]
        src, dst = site.hosts[0], site.hosts[1]
        at = BASE + rng.randint(1, 20) * MINUTE
        while at < BASE + DAYS * DAY - 5 * MINUTE:
            if sensor.awake(at):
                talk = _talk(rng, world, site.realm, src, dst, TCP, 443, at, "full")
                _see(rng, talk, [sensor])
                world.talks.append(talk)
            at += rng.randint(30, 50) * MINUTE
    for one in world.sites.values():
        for other in world.sites.values():
            if one.name == other.name or one.realm != other.realm:
                continue
            src, dst = one.hosts[1], other.hosts[0]
            if ip_address(src).version != ip_address(dst).version:
                continue
            both = [s for s in world.sensors.values() if s.site in (one.name, other.name)]
            for _ in range(12):
                at = quiet_instant(rng, world)
                _record(
                    rng,
                    world,
                    _talk(rng, world, one.realm, src, dst, TCP, 1433, at, "full"),
                    both,
                )
