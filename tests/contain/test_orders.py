from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from sekisho.contain.orders import kept_boxes, pairs, services
from sekisho.contain.proposal import Proposal
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
