from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sekisho.model.addresses import address_of, bounds, halves, key, number
from sekisho.policy.flatten import Held, Intervals, flatten

TEXTS = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.3/32", "10.1.2.4/32", "255.0.0.0/8"]
TEXTS += ["::/0", "2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::1/128", "ffff::/16", "8.8.8.0/24"]
ADDRESSES = ["0.0.0.0", "9.255.255.255", "10.0.0.0", "10.1.2.2", "10.1.2.3", "10.1.2.4", "10.1.2.5"]
ADDRESSES += ["10.255.255.255", "11.0.0.0", "255.255.255.255", "::", "::fffe:ffff:ffff", "8.8.8.8"]
ADDRESSES += ["::1:0:0:0", "2001:db8::", "2001:db8:1::1", "2001:db8:1::2", "2001:db9::"]
ADDRESSES += ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "7fff:ffff:ffff:ffff::", "8000::"]


def intervals(texts: Sequence[str]) -> tuple[Intervals, list[tuple[Any, ...]]]:
    """The intervals of some prefixes, and the claims that each class number stands for."""
    known: list[tuple[Any, ...]] = []

    def classify(values: tuple[str, ...], reach: str) -> int:
        found = (*values, reach)
        if found not in known:
            known.append(found)
        return known.index(found)

    return flatten([Held(*bounds(ip_network(text)), text) for text in texts], classify), known


@given(st.lists(st.sampled_from(TEXTS), unique=True))
def test_every_address_finds_the_prefixes_that_hold_it_the_widest_first(texts: list[str]) -> None:
    found, known = intervals(texts)
    for text in ADDRESSES:
        address = ip_address(text)
        holding = [ip_network(t) for t in texts if bounds(ip_network(t))[0] <= number(address)]
        holding = [net for net in holding if number(address) <= bounds(net)[1]]
        *claims, _ = known[found.at(number(address))]
        widest_first = sorted(holding, key=lambda net: bounds(net)[0] - bounds(net)[1])
        assert claims == [str(net) for net in widest_first], text


@given(st.lists(st.sampled_from(TEXTS), unique=True), st.lists(st.sampled_from(ADDRESSES)))
def test_many_addresses_at_once_are_looked_up_like_one(texts: list[str], asked: list[str]) -> None:
    found, _ = intervals(texts)
    keys = [key(ip_address(text)) for text in asked]
    hi = np.array([hi for hi, _ in keys], dtype=np.int64)
    lo = np.array([lo for _, lo in keys], dtype=np.int64)
    expected = [found.at(number(ip_address(text))) for text in asked]
    assert found.lookup(hi, lo).tolist() == expected


def test_neighbours_alike_are_one_interval() -> None:
    found, _ = intervals([])
    assert len(set(found.starts)) == len(found.starts)
    assert [str(address_of(*halves(found.starts[0])))] == ["::"]
    same, _ = flatten([Held(*bounds(ip_network("10.0.0.0/8")), 1)], lambda values, reach: 0), None
    assert len(same.starts) == 3, "one number: only IPv4 keeps its own edges"
