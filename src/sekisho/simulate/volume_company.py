"""The company of the benchmarks: many prefixes, many rules, and connections that mostly follow them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sekisho.model.protocols import ICMP, TCP, UDP
from sekisho.simulate.flows import Array
from sekisho.simulate.register import Permit
from sekisho.simulate.workspace import policy_text

SERVICES: tuple[tuple[int, int, str], ...] = (
    (UDP, 53, "dns"),
    (TCP, 443, "ssl"),
    (TCP, 445, "gssapi,smb,krb"),
    (TCP, 389, "ldap_tcp"),
    (TCP, 88, "krb_tcp"),
    (UDP, 123, "ntp"),
    (TCP, 22, "ssh"),
    (TCP, 3389, "rdp"),
    (TCP, 8443, "ssl"),
    (TCP, 1433, "-"),
    (TCP, 80, "http"),
    (TCP, 5985, "http"),
    (TCP, 3200, "-"),
    (TCP, 25, "smtp"),
    (UDP, 161, "snmp"),
    (ICMP, 0, "-"),
)
_TEXTS = {TCP: "tcp", UDP: "udp", ICMP: "icmp"}
_COUNTRIES = ("JP", "TH", "PH", "ID", "US", "DE", "GB", "CN", "IN", "BR")
PREFIXES_A_SITE = 50


@dataclass(frozen=True, slots=True)
class Mix:
    """How far the register is from what happens: the part of the connections that no rule allows, and of
    the rules that end within the period."""

    strays: float
    expiring: float


IN_USE = Mix(strays=0.002, expiring=0.002)
"""A register that is kept: what strays is looked into, and rules are renewed in time."""
FIRST_AUDIT = Mix(strays=0.04, expiring=0.05)
"""A register that nobody ever held against the evidence."""


@dataclass(frozen=True, slots=True)
class VolumeRule:
    """A permit in numbers: sites (or, if `narrow`, single prefixes) and a service."""

    id: str
    src: int
    dst: int
    service: int
    narrow: bool
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class VolumeCompany:
    """`prefixes` /24 networks in equal parts on `sites` sites."""

    prefixes: int
    sites: int
    rules: tuple[VolumeRule, ...]

    def span(self, site: Array) -> tuple[Array, Array]:
        """First prefix of a site, and how many it has."""
        first = -(-site * self.prefixes // self.sites)
        return first, -(-(site + 1) * self.prefixes // self.sites) - first


def volume_company(
    prefixes: int, rules: int, first: date, days: int, rng: np.random.Generator, mix: Mix = IN_USE
) -> VolumeCompany:
    """Sites and rules, some of which end within the period: at least one, where the mix has any."""
    sites = max(4, prefixes // PREFIXES_A_SITE)
    made: dict[tuple[int, int, int, bool], VolumeRule] = {}
    ending = math.ceil(rules * mix.expiring)
    while len(made) < rules:
        narrow = bool(rng.random() < 0.4)
        most = prefixes if narrow else sites
        src, dst = (int(n) for n in rng.integers(0, most, 2))
        if src * sites // most == dst * sites // most:
            continue
        service = int(rng.integers(0, len(SERVICES)))
        ends = None
        if len(made) < ending:
            ends = first + timedelta(days=int(rng.integers(0, days)))
        key = (src, dst, service, narrow)
        made.setdefault(key, VolumeRule(f"R-{len(made) + 1:05d}", src, dst, service, narrow, ends))
    return VolumeCompany(prefixes, sites, tuple(made.values()))


def prefix_text(number: int) -> str:
    """The network of a prefix."""
    return f"10.{number >> 8}.{number & 255}.0/24"


@dataclass(frozen=True, slots=True)
class Connections:
    """A population of connections, the popular ones first: IPv4 numbers and row of SERVICES."""

    src: Array
    dst: Array
    service: Array


def connections(
    company: VolumeCompany, count: int, rng: np.random.Generator, mix: Mix = IN_USE
) -> Connections:
    """2 % inside a site, 2 % with the internet, the mix's strays across sites, the others along the
    rules."""
    rules = company.rules
    table = np.array(
        [(r.src, r.dst, r.service, r.narrow) for r in rules] or [(0, 0, 0, False)], dtype=np.int64
    )
    pick = table[rng.integers(0, len(table), count)]
    narrow = pick[:, 3] == 1

    def prefix(column: int) -> Array:
        first, size = company.span(np.where(narrow, 0, pick[:, column]))
        return np.where(narrow, pick[:, column], first + (rng.random(count) * size).astype(np.int64))

    def address(prefixes: Array, hosts: int) -> Array:
        return (10 << 24) + prefixes * 256 + rng.integers(1, hosts, count)

    src, dst, service = prefix(0), prefix(1), pick[:, 2].copy()
    kind = rng.random(count) if rules else np.full(count, 0.955)
    anywhere = rng.integers(0, company.prefixes, count)
    across = kind >= 0.96 - mix.strays if rules else np.ones(count, dtype=np.bool_)
    src = np.where(across, rng.integers(0, company.prefixes, count), src)
    dst = np.where(across, anywhere, dst)
    dst = np.where((kind >= 0.96) & (kind < 0.98), src, dst)
    service[across] = rng.integers(0, len(SERVICES), int(across.sum()))
    to = address(dst, 24)
    outside = (28 << 24) + rng.integers(1 << 8, 1 << 24, count)
    return Connections(address(src, 200), np.where(kind >= 0.98, outside, to), service)


def volume_sites_text(company: VolumeCompany, sensors: list[str], kind: str) -> str:
    """sites.yaml."""
    lines = ["sites:"]
    for site in range(company.sites):
        first, size = company.span(np.array(site))
        texts = ", ".join(prefix_text(int(first) + k) for k in range(int(size)))
        lines.append(
            f"  s{site:04d}: {{country: {_COUNTRIES[site % 10]}, owner: it, prefixes: [{texts}]}}"
        )
    lines.append("sensors:")
    lines += [
        f"  {name}: {{site: s{n:04d}, kind: {kind}, sees: [edge, transit]}}"
        for n, name in enumerate(sensors)
    ]
    return "\n".join([*lines, ""])


def volume_policy_text(company: VolumeCompany) -> str:
    """policy.yaml."""
    permits = []
    for rule in company.rules:
        proto, port, _ = SERVICES[rule.service]
        service = "icmp" if proto == ICMP else f"{_TEXTS[proto]}/{port}"
        ends = [prefix_text(n) if rule.narrow else f"s{n:04d}/*" for n in (rule.src, rule.dst)]
        permits.append(
            Permit(
                rule.id,
                (ends[0],),
                (ends[1],),
                (service,),
                "netops",
                f"CHG-{rule.id[2:]}",
                "Benchmark",
                expires=rule.expires,
            )
        )
    return policy_text(permits, ())
