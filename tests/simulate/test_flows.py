"""Packets fit payloads, and unanswered tries carry nothing."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.flows import REJ, S0, SF, blank, count_packets, header_bytes, ip_bytes, join


def one(proto, state, out, back, sport=50_001):
    flows = blank(1)
    for name, value in (
        ("proto", proto),
        ("state", state),
        ("out", out),
        ("in", back),
        ("sport", sport),
    ):
        flows[name] = value
    flows["duration"] = 5_000_000
    count_packets(flows)
    return flows[0]


def test_tcp_carries_full_segments_and_acknowledgements():
    flow = one(6, SF, 14_480, 100)
    assert (flow["pout"], flow["pin"]) == (10 + 1 + 3, 1 + 5 + 2)


@pytest.mark.parametrize(("sport", "packets", "lasts"), [(50_001, 3, True), (50_002, 1, False)])
def test_an_unanswered_syn_is_alone_or_repeated(sport, packets, lasts):
    flow = one(6, S0, 900, 900, sport)
    assert (flow["out"], flow["in"], flow["pout"], flow["pin"]) == (0, 0, packets, 0)
    assert bool(flow["duration"] > 0) is lasts


def test_a_refusal_is_one_packet_each_way():
    flow = one(6, REJ, 900, 900)
    assert (flow["out"], flow["in"], flow["pout"], flow["pin"]) == (0, 0, 1, 1)
    assert 0 < flow["duration"] < 1_000_000


def test_datagrams_without_an_answer_keep_their_payload():
    flow = one(17, S0, 3000, 700)
    assert (flow["out"], flow["in"], flow["pout"], flow["pin"]) == (3000, 0, 3, 0)


def test_headers_follow_family_and_protocol():
    proto, v6 = np.array([6, 6, 17, 1]), np.array([False, True, False, False])
    assert header_bytes(proto, v6).tolist() == [40, 60, 28, 28]


def test_ip_bytes_are_payload_and_headers():
    flows = join([blank(1)])
    flows["proto"], flows["out"], flows["pout"], flows["in"], flows["pin"] = 6, 100, 2, 50, 3
    out, back = ip_bytes(flows, np.array([False]))
    assert (out[0], back[0]) == (180, 170)
    assert len(join([])) == 0
