"""Who an address was at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

import pytest

from sekisho.inventory.register import Inventory

SITES = """\
sites:
  jp: {country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  lab: {country: JP, prefixes: [{prefix: 10.1.5.0/24, from: 2020-02-01}]}
  de: {country: DE, prefixes: [10.1.0.0/16], realm: acquired}
groups: {jp/db: [10.1.30.0/28, {prefix: 10.1.30.9, until: 2020-01-31}], jp/all: [10.1.0.0/16]}
zones: {isp: 203.0.113.0/24, dns: 8.8.8.8}
"""
ASSETS = "address,hostname,groups,until\n10.1.30.1,DB1,db,2020-06-30\n"
JAN, MARCH, JULY = (datetime(2020, month, 15, tzinfo=UTC) for month in (1, 3, 7))


@pytest.fixture
def company(inventory: Callable[..., Inventory]) -> Inventory:
    return inventory(SITES, ASSETS)


@pytest.mark.parametrize(
    ("realm", "address", "at", "site", "scope"),
    [
        ("", "10.1.2.3", JAN, "jp", "site"),
        ("", "10.1.5.3", JAN, "jp", "site"),
        ("", "10.1.5.3", MARCH, "lab", "site"),
        ("acquired", "10.1.5.3", MARCH, "de", "site"),
        ("", "2001:db8:1::7", JAN, "jp", "site"),
        ("", "10.9.9.9", JAN, None, "private"),
        ("", "203.0.113.5", JAN, None, "zone"),
        ("", "8.8.8.8", JAN, None, "zone"),
        ("acquired", "8.8.8.8", JAN, None, "zone"),
        ("", "1.1.1.1", JAN, None, "global"),
        ("", "10.1.255.255", JAN, "jp", "site"),
        ("", "224.0.0.1", JAN, None, "local"),
    ],
)
def test_the_longest_prefix_valid_then_wins(
    realm: str, address: str, at: datetime, site: str | None, scope: str, company: Inventory
) -> None:
    found = company.place(realm, ip_address(address), at)
    assert (found.site, found.scope) == (site, scope)


def test_groups_and_names_follow_their_dates(company: Inventory) -> None:
    db = company.place("", ip_address("10.1.30.1"), MARCH)
    assert db.groups == ("jp/all", "jp/db")
    assert db.asset is not None
    assert company.place("", ip_address("10.1.30.1"), JULY).asset is None
    assert company.place("", ip_address("10.1.5.3"), MARCH).groups == (), "it is the lab's now"


def test_every_instant_of_change_is_known(company: Inventory) -> None:
    expected = [datetime(2020, 2, 1, tzinfo=UTC), datetime(2020, 7, 1, tzinfo=UTC)]
    assert list(company.change_points) == expected


def test_what_is_registered_and_whose(company: Inventory) -> None:
    assert company.registered("", ip_network("10.1.5.0/25"))
    assert company.sites_of("", ip_network("10.1.5.0/25")) == {"jp", "lab"}
    assert not company.registered("", ip_network("10.0.0.0/8"))
    assert company.registered("", ip_network("203.0.113.0/25"))
    assert company.sites_of("", ip_network("203.0.113.0/25")) == frozenset()
    assert [asset.site for asset in company.hostnames["db1"]] == ["jp"]
