"""Three sites with a few rules and two gateways, and plans worked out on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sekisho.contain.backends.registry import BACKENDS
from sekisho.contain.points import parse_points
from sekisho.contain.proposal import Ground, Proposal, propose
from sekisho.inventory.files import parse_inventory
from sekisho.model.restrictions import Restriction
from sekisho.policy.files import parse_policy

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SITES = b"""
sites:
  th: {prefixes: [10.40.0.0/16, "2001:db8:40::/48"]}
  jp: {prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  us: {prefixes: [10.60.0.0/16]}
groups:
  jp/edi: [10.1.20.0/28, "2001:db8:1::20"]
  th/edi: [10.40.2.10, "2001:db8:40::10"]
  th/scada: [10.40.9.0/24]
  us/old: [{prefix: 10.60.1.1, until: 2020-01-01}]
zones:
  vendor: [198.18.7.0/24]
"""
ASSETS = b"address,hostname,site\n10.40.2.10,edi-th,th\n2001:db8:40::10,edi-th,th\n"
POLICY = b"""
connections:
  - {id: EDI, allow: "th/edi -> jp/edi : tcp/8443", tier: essential}
  - {id: DNS, allow: "* -> jp/edi : udp/53, tcp/53", tier: essential}
  - {id: FILES, allow: "th/* -> jp/* : smb"}
  - {id: ANYTHING, allow: "us/* -> jp/edi : any"}
  - {id: OVER, allow: "th/* -> jp/* : tcp/22", expires: 2020-01-01}
  - {id: PING, allow: "th/* -> jp/* : icmp"}
  - {id: REMOTE, allow: "us/* -> th/edi : any"}
  - {id: OPS, allow: "jp/edi -> th/* : tcp/22"}
"""
GATEWAYS = b"""
gateways:
  th-gw: {platform: nftables, address: 10.40.0.1, links: ["th <-> *", "th <-> internet"]}
  jp-gw: {platform: nftables, address: 10.1.0.1, links: ["jp <-> *"]}
"""


@pytest.fixture
def ground() -> Ground:
    """The register and its gateways at noon."""
    return ground_of()


def ground_of(gateways: bytes = GATEWAYS) -> Ground:
    inventory = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})
    policy = parse_policy({"policy.yaml": POLICY}, inventory)
    points = parse_points(gateways, inventory, policy.services)
    return Ground(inventory, policy, points, {}, BACKENDS, NOW)


@pytest.fixture
def planned(ground: Ground) -> Callable[..., Proposal]:
    """A plan worked out: what it severs, then fields of the restriction; `gateways` as a file."""

    def plan(*sever: str, gateways: bytes | None = None, **fields: object) -> Proposal:
        on = ground if gateways is None else ground_of(gateways)
        return propose("P-1", replace(Restriction(sever), **fields), on)  # type: ignore[arg-type]

    return plan
