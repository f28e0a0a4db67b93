from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sekisho.inventory.files import parse_inventory
from sekisho.model.rules import Rule
from sekisho.model.services import PortRange
from sekisho.model.validity import Validity
from sekisho.policy.files import parse_policy
from sekisho.policy.narrowing import both, ranges_of, within
from sekisho.policy.ports import LAST, spans_of

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  lab: {name: Lab, country: JP, prefixes: [10.1.99.0/24]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
groups:
  th/edi: [10.40.2.0/28]
  th/old: [{prefix: 10.40.2.8, until: 2023-12-31}]
  th/now: [10.40.2.8]
"""
ASSETS = b"address,hostname,site,groups\n10.40.2.8,edi1,th,\n"
INVENTORY = parse_inventory({"sites.yaml": SITES, "assets.csv": ASSETS})


def rule(allow: str) -> Rule:
    text = f'connections: [{{id: R, allow: "{allow}"}}]'.encode()
    return parse_policy({"p.yaml": text}, INVENTORY).rules[0]


@pytest.mark.parametrize(
    ("inner", "outer", "holds"),
    [
        ("th/edi", "th/*", True),
        ("th/edi", "*", True),
        ("th/*", "th/edi", False),
        ("asset:edi1", "th/edi", True),
        ("10.40.2.8", "asset:edi1", True),
        ("th/now", "th/old", False),
        ("th/old", "th/now", True),
        ("10.40.2.0/29", "th/edi", True),
        ("10.40.2.0/24", "th/edi", False),
        ("10.1.99.1", "jp/*", False),
        ("internet", "*", False),
        ("*", "th/*", False),
    ],
)
def test_within(inner: str, outer: str, holds: bool) -> None:
    sentence = rule(f"{inner} -> {outer} : any")
    assert within(sentence.sources[0], sentence.destinations[0], INVENTORY) is holds


def test_what_both_permit() -> None:
    wide = rule("th/*, jp/* -> jp/* : tcp/440-450, udp/53")
    narrow = rule("th/edi -> jp/*, th/* : tcp/445-500, icmp")
    found = both(wide, narrow, INVENTORY)
    assert found is not None
    assert found.allow == "th/edi -> jp/* : tcp/445-450"
    assert found.services == (PortRange(6, 445, 450),)


def test_nothing_in_common() -> None:
    one = rule("th/* -> jp/* : ssh")
    day = datetime(2024, 1, 1, tzinfo=UTC)
    assert both(one, rule("th/* -> jp/* : rdp"), INVENTORY) is None
    assert both(one, rule("jp/* -> th/* : ssh"), INVENTORY) is None
    ended, begun = (
        replace(one, validity=Validity(None, day)),
        replace(one, validity=Validity(day, None)),
    )
    assert both(ended, begun, INVENTORY) is None


@pytest.mark.parametrize("services", ["any", "tcp/443, udp/53", "icmp", "tcp, udp, gre"])
def test_spans_as_ranges_cover_the_same(services: str) -> None:
    spans = spans_of(rule(f"* -> * : {services}").services)
    assert spans_of(ranges_of(spans)) == spans
    assert ranges_of(((0, LAST),)) == (PortRange(None),)
