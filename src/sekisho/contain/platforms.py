"""What can stand on a link: the platforms of gateways.yaml, and how each can be told what to cut."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Delivery = Literal["ssh", "napalm", "render"]
"""`ssh` and `napalm`: told by us, with a rollback timer on the gateway. `render`: a file and a runbook for
whoever changes it."""


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind of gateway. `delivery` is the first of the ways it can be told, the default."""

    name: str
    what: str
    ways: tuple[Delivery, ...] = ("render",)

    @property
    def delivery(self) -> Delivery:
        """How it is told where gateways.yaml does not say."""
        return self.ways[0]


_ALL = (
    Platform("nftables", "Linux with nftables", ("ssh", "render")),
    Platform("iptables", "Linux with iptables"),
    Platform("cisco-ios", "Cisco IOS and IOS-XE, access lists"),
    Platform("cisco-asa", "Cisco ASA from 9.0, access list"),
    Platform("cisco-nxos", "Cisco NX-OS, access lists"),
    Platform("cisco-xr", "Cisco IOS-XR, access lists"),
    Platform("arista", "Arista EOS, access lists", ("render", "napalm")),
    Platform("juniper", "Junos, firewall filters", ("render", "napalm")),
    Platform("juniper-evo", "Junos Evolved, firewall filters", ("render", "napalm")),
    Platform("juniper-srx", "Junos on SRX, firewall filters", ("render", "napalm")),
    Platform("paloalto", "Palo Alto PAN-OS, security rules"),
    Platform("fortigate", "FortiGate, firewall policies"),
    Platform("windows", "Windows Defender Firewall of one host"),
    Platform("aws-nacl", "AWS network ACL, as Terraform"),
    Platform("azure-nsg", "Azure network security group, as Terraform"),
)
PLATFORMS = MappingProxyType({platform.name: platform for platform in _ALL})
