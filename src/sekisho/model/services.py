"""Named services: ports on a protocol, as people write them in rules.

Ports are those of the IANA service registry where it has the name, else of the vendor's
documentation. A workspace may add its own in its policy (`services:`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from sekisho.model.protocols import ICMP, ICMP6, TCP, UDP, WITH_PORTS
from sekisho.model.protocols import name as protocol_name

Role = Literal["administration", "file", "directory", "infrastructure", "database", "web", "other"]


@dataclass(frozen=True, slots=True, order=True)
class PortRange:
    """A protocol and its destination ports, both ends included.

    `protocol` None is any protocol. A protocol without ports has 0 to 0; a range over every port is
    0 to 65535.
    """

    protocol: int | None
    low: int = 0
    high: int = 65535

    def covers(self, protocol: int, port: int) -> bool:
        """Whether a connection of that protocol and port is inside."""
        return self.protocol in (None, protocol) and self.low <= port <= self.high

    def __str__(self) -> str:
        if self.protocol is None:
            return "any"
        label = protocol_name(self.protocol)
        if label.isdigit():
            # After ports a bare number would read as one more port.
            return f"ip/{label}"
        if self.protocol not in WITH_PORTS or (self.low, self.high) == (0, 65535):
            return label
        return f"{label}/{self.low}" if self.low == self.high else f"{label}/{self.low}-{self.high}"


@dataclass(frozen=True, slots=True)
class Service:
    """A name for one or more port ranges, with the role that severity rests on."""

    name: str
    ranges: tuple[PortRange, ...]
    role: Role = "other"


def _service(name: str, role: Role, *ranges: tuple[int, int] | tuple[int, int, int]) -> Service:
    return Service(name, tuple(PortRange(r[0], r[1], r[-1]) for r in ranges), role)


_TABLE = (
    _service("ssh", "administration", (TCP, 22)),
    _service("telnet", "administration", (TCP, 23)),
    _service("rdp", "administration", (TCP, 3389)),
    _service("winrm", "administration", (TCP, 5985, 5986)),
    _service("rpc", "administration", (TCP, 135)),
    _service("vnc", "administration", (TCP, 5900, 5903)),
    _service("snmp", "administration", (UDP, 161)),
    _service("snmp-trap", "infrastructure", (UDP, 162)),
    _service("ipmi", "administration", (UDP, 623)),
    _service("smb", "file", (TCP, 445)),
    _service("netbios", "file", (UDP, 137, 138), (TCP, 139)),
    _service("nfs", "file", (TCP, 2049), (UDP, 2049)),
    _service("ftp", "file", (TCP, 20, 21)),
    _service("rsync", "file", (TCP, 873)),
    _service("tftp", "file", (UDP, 69)),
    _service("kerberos", "directory", (TCP, 88), (UDP, 88)),
    _service("kpasswd", "directory", (TCP, 464), (UDP, 464)),
    _service("ldap", "directory", (TCP, 389), (UDP, 389)),
    _service("ldaps", "directory", (TCP, 636)),
    _service("global-catalog", "directory", (TCP, 3268, 3269)),
    _service("radius", "directory", (UDP, 1812, 1813)),
    _service("dns", "infrastructure", (UDP, 53), (TCP, 53)),
    _service("dhcp", "infrastructure", (UDP, 67, 68)),
    _service("ntp", "infrastructure", (UDP, 123)),
    _service("syslog", "infrastructure", (UDP, 514), (TCP, 514), (TCP, 6514)),
    _service("ipfix", "infrastructure", (UDP, 4739), (TCP, 4739)),
    _service("netflow", "infrastructure", (UDP, 2055)),
    _service("smtp", "infrastructure", (TCP, 25), (TCP, 465), (TCP, 587)),
    _service("icmp", "infrastructure", (ICMP, 0), (ICMP6, 0)),
    _service("http", "web", (TCP, 80)),
    _service("http-alt", "web", (TCP, 8080)),
    _service("https", "web", (TCP, 443)),
    _service("quic", "web", (UDP, 443)),
    _service("proxy", "web", (TCP, 3128)),
    _service("mssql", "database", (TCP, 1433)),
    _service("mssql-browser", "database", (UDP, 1434)),
    _service("oracle", "database", (TCP, 1521)),
    _service("mysql", "database", (TCP, 3306)),
    _service("postgresql", "database", (TCP, 5432)),
    _service("mongodb", "database", (TCP, 27017)),
    _service("redis", "database", (TCP, 6379)),
    _service("elasticsearch", "database", (TCP, 9200), (TCP, 9300)),
    _service("sap", "other", (TCP, 3200, 3299)),
    _service("sap-gateway", "other", (TCP, 3300, 3399)),
    _service("modbus", "other", (TCP, 502)),
    _service("s7", "other", (TCP, 102)),
    _service("opc-ua", "other", (TCP, 4840)),
    _service("ethernet-ip", "other", (TCP, 44818), (UDP, 2222)),
    _service("bacnet", "other", (UDP, 47808)),
)

SERVICES: MappingProxyType[str, Service] = MappingProxyType({s.name: s for s in _TABLE})
KNOWN_PORTS: frozenset[tuple[int, int]] = frozenset(
    (r.protocol, port)
    for s in _TABLE
    for r in s.ranges
    if r.protocol is not None and r.protocol in WITH_PORTS and r.high - r.low < 200
    for port in range(r.low, r.high + 1)
)
"""(protocol, port) pairs that a server listens on; orientation of one-way records rests on them."""


@cache
def service_of(protocol: int, port: int) -> Service | None:
    """The narrowest named service that covers a connection, or None."""
    best: tuple[int, Service] | None = None
    for service in _TABLE:
        for span in service.ranges:
            if span.covers(protocol, port) and (best is None or span.high - span.low < best[0]):
                best = (span.high - span.low, service)
    return best[1] if best else None


def service_label(protocol: int, port: int) -> str:
    """What a person calls the service: its name, else `tcp/9999`."""
    service = service_of(protocol, port)
    return service.name if service else str(PortRange(protocol, port, port))
