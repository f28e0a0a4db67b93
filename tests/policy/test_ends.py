from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from sekisho.inventory.files import parse_inventory
from sekisho.policy.ends import Ends, Limits
from sekisho.policy.observed import Observed
from sekisho.policy.places import Places

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16, "2001:db8:40::/48"]}
  lab: {name: Lab, country: TH, prefixes: [10.40.6.8/29]}
groups:
  th/small: [10.40.2.10, 10.40.2.11, 10.40.2.12]
  th/all: [10.40.0.0/17]
"""
ASSETS = b"""address,hostname,site,groups
10.40.5.3,idle,th,
10.40.9.1,many,th,
10.40.9.2,many,th,
10.40.9.3,many,th,
10.40.9.4,many,th,
10.40.9.5,many,th,
10.40.9.9,one,th,
2001:db8:40::9,one,th,
"""
INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})
AT = datetime(2024, 3, 1, tzinfo=UTC)


def chosen(*addresses: str, **limits: float) -> list[str]:
    evidence = [
        Observed("", ip_address(a), "", ip_address("10.1.0.1"), 6, 443, 1, 1, AT, AT, 1)
        for a in addresses
    ]
    evidence += [
        Observed("", ip_address(f"10.40.100.{n}"), "", ip_address("10.1.0.1"), 6, 22, 1, 1, AT, AT, 1)
        for n in range(20)
    ]
    ends = Ends(Places(INVENTORY, evidence, AT), Limits(**limits))  # type: ignore[arg-type]
    found = ends.choose(e.source for e in evidence[: len(addresses)])
    assert len(found) == len(addresses)
    return sorted({str(use.selector) for use in found.values()})


def test_the_narrowest_group_of_which_enough_was_seen() -> None:
    assert chosen("10.40.2.10", "10.40.2.12") == ["th/small"]
    assert chosen("10.40.2.10") == ["10.40.2.10"]
    assert chosen("10.40.2.10", share=0.3) == ["th/small"]
    assert chosen(*(f"10.40.3.{n}" for n in range(60)), v4=32) == ["th/all"]


def test_names_that_mean_one_host() -> None:
    assert chosen("10.40.9.9") == ["asset:one"]
    assert chosen("10.40.9.1") == ["10.40.9.1"]


def test_prefixes_up_to_the_cap_where_enough_was_seen() -> None:
    twelve = [f"10.40.4.{n}" for n in range(16, 28)]
    assert chosen(*twelve) == ["10.40.4.16/28"]
    assert chosen(*twelve, v4=29) == ["10.40.4.16/29", "10.40.4.24/30"]
    assert chosen(*twelve, v4=32) == sorted(twelve)
    assert chosen(*twelve, share=1) == ["10.40.4.16/29", "10.40.4.24/30"]
    six = [f"2001:db8:40::{n:x}" for n in range(0x10, 0x1C)]
    assert chosen(*six) == ["2001:db8:40::10/124"]


def test_prefixes_leave_other_hosts_and_other_sites_alone() -> None:
    assert chosen("10.40.5.0", "10.40.5.1", "10.40.5.2") == ["10.40.5.0/31", "10.40.5.2"]
    assert chosen(*(f"10.40.6.{n}" for n in range(8)), share=0.5) == ["10.40.6.0/29"]


@pytest.mark.parametrize("wrong", [{"v4": 8}, {"v6": 64}, {"v4": 33}, {"share": 0}, {"share": 1.5}])
def test_limits_are_limits(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"caps lie|share lies"):
        Limits(**wrong)  # type: ignore[arg-type]
