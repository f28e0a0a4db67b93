from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

from sekisho.inventory.files import parse_inventory
from sekisho.policy.observed import Observed
from sekisho.policy.places import Places, names

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16, {prefix: 10.9.0.0/16, until: 2024-03-15}]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16, {prefix: 10.9.0.0/16, from: 2024-03-16}]}
  us: {name: Lab, country: US, realm: acquired, prefixes: [10.1.0.0/16]}
groups:
  th/edi: [10.40.2.10, 10.40.2.12, {prefix: 10.40.2.11, until: 2024-03-10}]
  th/all: [10.40.0.0/16]
zones: {vendor: [198.18.7.0/24]}
"""
ASSETS = b"address,hostname,site,groups\n10.40.2.99,mes,th,edi\n"
INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})


def day(number: int) -> datetime:
    return datetime(2024, 3, number, tzinfo=UTC)


def places(src: str, first: int, last: int) -> tuple[Places, tuple[str, object]]:
    seen = Observed(
        "", ip_address(src), "", ip_address("198.18.7.7"), 6, 443, 1, 1, day(first), day(last), 1
    )
    return Places(INVENTORY, [seen, replace(seen, src=ip_address("10.40.7.7"))], day(20)), seen.source


def test_only_what_was_so_all_the_time() -> None:
    found, end = places("10.40.2.11", 1, 9)
    assert found.place(end).groups == ("th/all", "th/edi")  # type: ignore[arg-type]
    found, end = places("10.40.2.11", 1, 12)
    assert found.place(end).groups == ("th/all",)  # type: ignore[arg-type]
    found, end = places("10.9.0.1", 1, 20)
    assert (found.place(end).site, found.home(end)) == (None, "moved")  # type: ignore[arg-type]


def test_known_members_are_registered_or_seen() -> None:
    found, _ = places("10.40.5.5", 1, 2)
    assert len(found.known("th/edi")) == 3
    assert len(found.known("th/all")) == 6
    assert len(found.known("zone:vendor")) == 1
    assert found.known("th/none") == set()


def test_where_a_rule_can_name_an_address() -> None:
    found, _ = places("10.40.5.5", 1, 2)
    assert found.realm(("acquired", ip_address("10.1.2.3"))) == "acquired"
    assert found.realm(("acquired", ip_address("198.18.7.7"))) == ""
    assert found.realm(("", ip_address("8.8.8.8"))) is None
    assert names(found.place(("", ip_address("198.18.7.7")))) == ["zone:vendor"]
