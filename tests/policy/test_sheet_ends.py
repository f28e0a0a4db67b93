from __future__ import annotations

import pytest

from sekisho.inventory.files import parse_inventory
from sekisho.policy.sheet_ends import MAX_PARTS, read_ends

SITES = b"""
sites:
  jp-hq: {name: HQ, country: JP, prefixes: [10.1.0.0/16, "2001:db8:1::/48"]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
  us: {name: Lab, country: US, realm: acquired, prefixes: [10.1.0.0/16]}
groups: {jp-hq/edi: [10.1.20.0/28], th/edi: [10.40.2.10], th/mes: [10.40.3.1]}
zones: {vendor: [198.18.7.0/24]}
"""
ASSETS = b"address,hostname,site,groups\n10.1.0.5,ad-ba,jp-hq,\n"
INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("th/edi; jp-hq/*\n10.40.0.1 10.40.0.2|th/edi", "th/edi, jp-hq/*, 10.40.0.1, 10.40.0.2"),
        ("ANY", "*"),
        ("0.0.0.0/0", "*"),
        ("Internet", "internet"),
        ("TH, vendor, mes, AD-BA", "th/*, zone:vendor, th/mes, asset:ad-ba"),
        ("10.40.2.0 255.255.254.0", "10.40.2.0/23"),
        ("10.40.2.0/255.255.255.255", "10.40.2.0"),
        ("10.40.2.4 - 10.40.2.9, th", "10.40.2.4/30, 10.40.2.8/31, th/*"),
        ("2001:db8:1::4-2001:db8:1::7", "2001:db8:1::4/126"),
        ("acquired:10.1.2.3", "acquired:10.1.2.3"),
        ("", ""),
    ],
)
def test_what_cells_mean(text: str, found: str) -> None:
    selectors, slips = read_ends(text, INVENTORY)
    assert slips == ()
    assert ", ".join(map(str, selectors)) == found


@pytest.mark.parametrize(
    ("text", "offset", "code"),
    [
        ("th, nowhere", 4, "rule/selector"),
        ("edi", 0, "rule/ambiguous"),
        ("10.40.2.7/24", 0, "prefix/host-bits"),
        ("th 10.40.2.0 255.0.255.0", 13, "rule/refers-to-nothing"),
        ("th, 10.40.2.9-10.40.2.4", 4, "prefix/range"),
        ("10.40.2.1-2001:db8:1::7", 0, "prefix/range"),
        ("th, 10.99.0.0-10.99.0.3", 4, "rule/refers-to-nothing"),
        ("0.0.0.0-255.255.255.255", 0, "rule/refers-to-nothing"),
        ("jp-hq/eid", 6, "rule/unknown-group"),
    ],
)
def test_what_is_wrong_and_where(text: str, offset: int, code: str) -> None:
    _, slips = read_ends(text, INVENTORY)
    assert [(slip.offset, slip.code) for slip in slips] == [(offset, code)]
    assert all(slip.mend for slip in slips)


def test_too_many() -> None:
    _, slips = read_ends("th " * (MAX_PARTS + 1), INVENTORY)
    assert [slip.code for slip in slips] == ["rule/length"]
