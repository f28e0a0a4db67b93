from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

from sekisho.inventory.files import parse_inventory
from sekisho.policy.drafts import MAX_PORTS, MAX_SELECTORS, drafts
from sekisho.policy.ends import Ends, Limits
from sekisho.policy.observed import Observed
from sekisho.policy.places import Places

SITES = b"""
sites:
  jp: {name: HQ, country: JP, prefixes: [10.1.0.0/16]}
  th: {name: Plant, country: TH, prefixes: [10.40.0.0/16]}
"""
INVENTORY = parse_inventory({"sites.yaml": SITES})
AT = datetime(2024, 3, 1, tzinfo=UTC)


def drawn(*seen: tuple[int, int, int]) -> list[tuple[list[str], list[str], list[int]]]:
    """Source host, destination host and port to sources, destinations and ports."""
    evidence = [
        Observed("", ip_address("10.40.0.0") + s, "", ip_address("10.1.0.0") + d, 6, p, 1, 1, AT, AT, 1)
        for s, d, p in seen
    ]
    found = list(drafts(evidence, Ends(Places(INVENTORY, evidence, AT), Limits(v4=32))))
    assert sorted(str(c) for draft in found for c in draft.covered) == sorted(map(str, evidence))
    return [
        (
            [str(use.selector)[6:] for use in draft.sources],
            [str(use.selector)[5:] for use in draft.destinations],
            [port for _, port in draft.ports],
        )
        for draft in found
    ]


def test_no_pair_that_was_not_seen() -> None:
    assert drawn((1, 1, 443), (2, 2, 443)) == [(["0.1"], ["0.1"], [443]), (["0.2"], ["0.2"], [443])]
    assert drawn((1, 1, 443), (2, 1, 443), (1, 2, 443), (2, 2, 443)) == [
        (["0.1", "0.2"], ["0.1", "0.2"], [443])
    ]
    assert drawn((1, 1, 443), (1, 2, 443), (1, 2, 8443)) == [
        (["0.1"], ["0.1"], [443]),
        (["0.1"], ["0.2"], [443, 8443]),
    ]


def test_long_sides_are_cut() -> None:
    many = drawn(*((1, n, 443) for n in range(MAX_SELECTORS + 5)))
    assert [len(to) for _, to, _ in many] == [MAX_SELECTORS, 5]
    ports = drawn(*((1, 1, 50_000 + n) for n in range(MAX_PORTS + 1)))
    assert [len(found) for _, _, found in ports] == [MAX_PORTS, 1]
