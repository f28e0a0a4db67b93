from __future__ import annotations

from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st
from tests.contain.conftest import NOW, SITES

from sekisho.contain.regions import LAST, V4, Atlas, Region, everything, joined, prefixes
from sekisho.inventory.files import parse_inventory
from sekisho.model.addresses import number
from sekisho.model.rules import Selector

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)), max_size=6).map(
    lambda pairs: joined(Region({"": ((a, a + n),)}) for a, n in pairs)
)


def points(region: Region) -> set[int]:
    return {n for first, last in region.spans.get("", ()) for n in range(first, last + 1)}


@given(SPANS, SPANS)
def test_regions_are_sets(one: Region, other: Region) -> None:
    assert points(one.meet(other)) == points(one) & points(other)
    assert one.touches(other) == bool(points(one) & points(other))
    assert points(one.minus(other)) == points(one) - points(other)
    assert points(joined((one, other))) == points(one) | points(other)
    assert one.within(other) == (points(one) <= points(other))
    assert bool(one) == bool(points(one))


def test_families_are_told_apart() -> None:
    region = everything([""])
    assert region.of("", 4) == ((0, 2**32 - 1),)
    # With an address of IPv4 written as one of IPv6 nobody gets past what cuts everything.
    assert region.of("", 6) == ((0, LAST),)
    most = Region({"": ((1, LAST),)})
    assert most.of("", 6) == ((1, V4[0] - 1), (V4[1] + 1, LAST))
    assert region.of("other", 4) == ()


def test_a_span_as_prefixes() -> None:
    span = (int(ip_address("10.0.0.1")), int(ip_address("10.0.0.3")))
    assert list(prefixes(span, 4)) == [ip_network("10.0.0.1/32"), ip_network("10.0.0.2/31")]
    assert list(prefixes((1, 1), 6)) == [ip_network("::1/128")]


def test_what_selectors_mean() -> None:
    inventory = parse_inventory({"sites.yaml": SITES})
    names = [
        Selector("group", "th/edi"),
        Selector("any"),
        Selector("internet"),
        Selector("zone", "vendor"),
    ]
    atlas = Atlas(inventory, names, NOW)
    edi = atlas.selected(names[0])
    assert edi.holds("", ip_address("10.40.2.10"))
    assert edi.holds("", ip_address("2001:db8:40::10"))
    assert not edi.holds("", ip_address("10.40.2.11"))
    assert not edi.holds("other", ip_address("10.40.2.10"))
    assert atlas.selected(names[1]) == atlas.sites()
    assert atlas.selected(names[2]).holds("", ip_address("8.8.8.8"))
    assert not atlas.selected(names[2]).holds("", ip_address("10.40.2.10"))
    assert atlas.places(joined((edi, atlas.all_selected(names[2:])))) == (
        "internet",
        "th",
        "zone:vendor",
    )


def test_a_more_specific_prefix_is_the_other_sites() -> None:
    sites = b"sites:\n  a: {prefixes: 10.0.0.0/8}\n  b: {prefixes: 10.9.0.0/16}\n"
    atlas = Atlas(parse_inventory({"sites.yaml": sites}), (), NOW)
    assert not atlas.site("a").holds("", ip_address("10.9.0.1"))
    assert atlas.site("b").spans == {
        "": ((number(ip_address("10.9.0.0")), number(ip_address("10.9.255.255"))),)
    }
