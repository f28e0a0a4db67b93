"""The simulated company as values: hosts, groups and who is in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

import numpy as np

from sekisho.simulate.base import Dice, Size
from sekisho.simulate.flows import Array
from sekisho.simulate.places import PLACES, ROLES, SERVERS, Place

NOWHERE = -1
"""Site of an address that is in no site: the internet, partners, strays."""
LOCAL = -2
"""Site of multicast and broadcast destinations."""


@dataclass(frozen=True, slots=True)
class Host:
    """One address. `site` is its site by the inventory, `where` the site whose wires it is on."""

    address: str
    name: str
    site: int
    where: int
    groups: tuple[str, ...] = ()
    criticality: str = ""
    listed: bool = True


@dataclass(slots=True)
class Company:
    """Sites, hosts and groups. `groups` maps `site/group` to the texts that sites.yaml lists."""

    places: tuple[Place, ...] = PLACES
    hosts: list[Host] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, list[int]] = field(default_factory=dict)
    names: dict[str, list[int]] = field(default_factory=dict)

    def add(self, host: Host) -> int:
        """Take a host in; gives its row."""
        row = len(self.hosts)
        self.hosts.append(host)
        for group in host.groups:
            self.members.setdefault(group, []).append(row)
        self.names.setdefault(host.name, []).append(row)
        return row

    def site(self, name: str) -> int:
        """The row of a site."""
        return next(row for row, place in enumerate(self.places) if place.name == name)

    def of(self, *groups: str, v6: bool = False) -> Array:
        """Rows of the hosts of those groups, of one address family."""
        rows = [row for group in groups for row in self.members.get(group, ())]
        return np.array([row for row in rows if (":" in self.hosts[row].address) == v6], dtype=np.int32)

    def host(self, name: str) -> int:
        """The first row of a hostname."""
        return self.names[name][0]

    def having(self, role: str) -> list[str]:
        """Names of the sites of the default realm that have a group of that name."""
        return [p.name for p in self.places if not p.realm and f"{p.name}/{role}" in self.members]

    def sites(self) -> Array:
        """Site of each host by the inventory."""
        return np.array([host.site for host in self.hosts], dtype=np.int32)

    def where(self) -> Array:
        """Site on whose wires each host is."""
        return np.array([host.where for host in self.hosts], dtype=np.int32)

    def v6(self) -> Array:
        """Whether each host's address is IPv6."""
        return np.array([":" in host.address for host in self.hosts])


def found(size: Size, dice: Dice) -> Company:
    """Build the company: the same sites at every scale, more clients at larger ones."""
    company = Company()
    for number, place in enumerate(company.places):
        _servers(company, number, place)
        _people(company, number, place, size.clients)
        _local(company, number, place)
    gateway = company.site("us-aero")
    # One terminal server stands in both address spaces of the subsidiary.
    company.add(Host("10.96.10.200", "aero-gw01", gateway, gateway, ("us-aero/gateway",), "high"))
    mill = company.site("us-aero-mill")
    company.add(Host("10.1.10.200", "aero-gw01", mill, mill, ("us-aero-mill/gateway",), "high"))
    company.groups |= {"us-aero/gateway": ["10.96.10.200"], "us-aero-mill/gateway": ["10.1.10.200"]}
    _outside(company, size.internet, dice)
    return company


def _servers(company: Company, number: int, place: Place) -> None:
    for role in SERVERS[place.kind]:
        first, count = ROLES[role]
        label = f"{place.name}/{role}"
        texts = []
        for k in range(count):
            name = f"{place.name}-{role}{k + 1:02d}"
            critical = {"dc": "critical", "erp": "critical", "files": "high", "app": "high"}.get(
                role, ""
            )
            addresses = [f"{place.v4}.10.{first + k}"]
            if place.v6:
                addresses.append(f"{place.v6}:10::{first + k:x}")
            for address in addresses:
                company.add(Host(address, name, number, number, (label,), critical))
            texts += addresses
        company.groups[label] = texts


def _people(company: Company, number: int, place: Place, clients: int) -> None:
    def crew(role: str, subnet: int, first: int, count: int, code: str, prefix: int) -> None:
        label = f"{place.name}/{role}"
        company.groups[label] = [f"{place.v4}.{subnet}.0/{prefix}"]
        if place.v6:
            company.groups[label].append(f"{place.v6}:{subnet}::/64")
        for k in range(count):
            high, low = divmod(first + k, 200)
            name = f"{place.name}-{code}{k + 1:04d}"
            company.add(Host(f"{place.v4}.{subnet + high}.{low + 10}", name, number, number, (label,)))
            if place.v6:
                v6 = f"{place.v6}:{subnet}::{first + k + 16:x}"
                company.add(Host(v6, name, number, number, (label,)))

    count = round(clients * place.clients)
    if count:
        crew("clients", 64, 0, count, "ws", 18)
    if place.kind in ("hq", "plant", "aero"):
        crew("admins", 20, 0, 4 if place.kind == "hq" else 2, "adm", 26)
    if place.kind in ("works", "office", "mill"):
        crew("eng", 24, 0, max(3, count // 6), "eng", 24)
    if place.kind in ("works", "plant"):
        crew("ot", 128, 0, max(4, count // 5), "plc", 20)


def _local(company: Company, number: int, place: Place) -> None:
    """Addresses that never cross a border but that a sensor on a mirror port sees."""
    for k in range(3):
        company.add(
            Host(
                f"fe80::{number + 1:x}:{k + 1:x}",
                f"{place.name}-ll{k}",
                number,
                number,
                (f"{place.name}/link-local",),
                listed=False,
            )
        )
    company.add(
        Host("0.0.0.0", f"{place.name}-any", number, number, (f"{place.name}/any",), listed=False)  # noqa: S104
    )
    company.add(
        Host(
            f"{place.v4}.255.255",
            f"{place.name}-bc",
            number,
            LOCAL,
            (f"{place.name}/bc",),
            listed=False,
        )
    )


def _outside(company: Company, count: int, dice: Dice) -> None:
    """Internet hosts, mail exchangers, a partner, strays and the local scopes.

    IPv4 addresses are taken from blocks that are allocated but long unannounced, IPv6 ones from space
    that IANA has given to nobody, so that no real party is shown as anything here.
    """
    rng = dice.stream("internet")
    numbers = rng.choice(1 << 24, size=count + 40, replace=False)
    octets = rng.choice(np.array([28, 30, 33]), size=count + 40)
    for k, (octet, rest) in enumerate(zip(octets.tolist(), numbers.tolist(), strict=True)):
        address = str(ip_address((octet << 24) | int(rest) | 1))
        group = "internet" if k < count else "hostile"
        company.add(Host(address, f"{group}{k}", NOWHERE, NOWHERE, (group,), listed=False))
    for k, word in enumerate(rng.integers(1, 1 << 16, size=max(20, count // 8)).tolist()):
        company.add(
            Host(
                str(ip_address(f"2d00:{word:x}:{k + 1:x}::443")),
                f"internet6-{k}",
                NOWHERE,
                NOWHERE,
                ("internet",),
                listed=False,
            )
        )
    for k in range(4):
        company.add(
            Host(f"33.250.7.{k + 10}", f"partner{k}", NOWHERE, NOWHERE, ("partner",), listed=False)
        )
    for address, group in (
        ("255.255.255.255", "limited-broadcast"),
        ("224.0.0.251", "mdns"),
        ("239.255.255.250", "ssdp"),
        ("ff02::fb", "mdns6"),
        ("ff02::1:2", "dhcp6"),
    ):
        company.add(Host(address, group, LOCAL, LOCAL, (group,), listed=False))
    th = company.site("th-plant")
    company.add(Host("192.168.0.10", "stray-vendor-box", NOWHERE, th, ("stray",), listed=False))


def in_prefix(address: str, text: str) -> bool:
    """Whether an address lies in a prefix or is that address."""
    network = ip_network(text)
    value = ip_address(address)
    return value.version == network.version and value in network
