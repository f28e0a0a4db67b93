from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from sekisho.contain.orders import kept_boxes, largest, pairs, services
from sekisho.contain.proposal import Proposal
from sekisho.contain.regions import Region, joined
from sekisho.contain.severing import Cut
from sekisho.model.protocols import WITH_PORTS
from sekisho.model.services import PortRange
from sekisho.policy.ports import spans_of

PROTOCOLS = st.one_of(st.none(), st.sampled_from([1, 6, 17, 47, 58]))
RANGES = st.builds(
    lambda p, a, n: PortRange(p, a, min(a + n, 65535)) if p in WITH_PORTS else PortRange(p),
    PROTOCOLS,
    st.integers(0, 65535),
    st.integers(0, 70000),
)


@given(st.lists(RANGES, min_size=1, max_size=4), st.integers(0, 255), st.integers(0, 65535))
def test_spans_of_services_as_protocols_and_ports(
    ranges: list[PortRange], protocol: int, port: int
) -> None:
    port = port if protocol in WITH_PORTS else 0
    inside = [
        (protocols, ports)
        for span in spans_of(ranges)
        for protocols, ports in services(span)
        if protocols[0] <= protocol <= protocols[1] and ports[0] <= port <= ports[1]
    ]
    expected = any(one.covers(protocol, port) for one in ranges)
    assert len(inside) == (1 if expected else 0)


def test_what_stays_open_is_narrowed_to_what_is_cut(planned: Callable[..., Proposal]) -> None:
    held = planned("link:th <-> jp", keep_tier="essential").told[0].order.held[0]
    boxes = list(kept_boxes(held, "", 4))
    th = (int(ip_address("10.40.0.0")), int(ip_address("10.40.255.255")))
    edi = (int(ip_address("10.40.2.10")),) * 2
    assert {box[0] for box in boxes} == {th, edi}
    assert {(box[2], box[3]) for box in boxes} == {
        ((6, 6), (8443, 8443)),
        ((6, 6), (53, 53)),
        ((17, 17), (53, 53)),
    }
    assert list(kept_boxes(held, "other", 4)) == []


def test_pairs_of_one_family(planned: Callable[..., Proposal]) -> None:
    cut = planned("link:th <-> jp").severed.cuts[0]
    assert len(list(pairs(cut.near, cut.far, "", 4))) == 1
    assert len(list(pairs(cut.near, cut.far, "", 6))) == 1


REGIONS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), min_size=1, max_size=3).map(
    lambda pairs: joined(Region({"": ((a, a + n),)}) for a, n in pairs)
)
CUTS = st.builds(Cut, st.just("w"), REGIONS, REGIONS, st.sampled_from(["both", "in", "out"]))


def points_of(region: Region) -> list[int]:
    return [n for first, last in region.spans.get("", ()) for n in range(first, last + 1)]


def flows_of(cuts: Iterable[Cut]) -> set[tuple[int, int]]:
    """Who may begin towards whom no more."""
    return {
        (src, dst)
        for cut in cuts
        for source, destination in cut.ways()
        for src in points_of(source)
        for dst in points_of(destination)
    }


@given(st.lists(CUTS, max_size=5))
def test_the_largest_cuts_cut_the_same(cuts: list[Cut]) -> None:
    kept = largest(cuts)
    assert flows_of(kept) == flows_of(cuts)
    assert [cuts.index(one) for one in kept] == sorted(cuts.index(one) for one in kept)
    assert len(largest(cuts + cuts)) == len(largest(kept)) == len(kept)


def test_at_a_site_that_is_cut_from_all_one_cut_is_left() -> None:
    one, two, three = (Region({"": ((n, n),)}) for n in range(3))
    both = [Cut("all", one, joined([two, three])), Cut("all", two, joined([one, three]))]
    at_one = [both[0], Cut("all", two, one), Cut("all", three, one)]
    assert largest(at_one) == (both[0],)
    assert len(largest(both)) == 2
