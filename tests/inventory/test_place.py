from __future__ import annotations

from ipaddress import ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.inventory.place import PrefixTable, mapped_length
from sekisho.model.addresses import number

NETS = [
    "0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "192.168.0.0/16",
    "2001:db8::/32", "2001:db8:1::/48", "::/0",
]  # fmt: skip


def test_lengths_are_those_of_ipv6() -> None:
    assert mapped_length(ip_network("10.0.0.0/8")) == 104
    assert mapped_length(ip_network("2001:db8::/32")) == 32


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(NETS), unique=True),
    st.sampled_from(["10.1.2.3", "10.1.9.9", "8.8.8.8", "2001:db8:1::1", "2001:db8:2::1"]),
)
def test_the_longest_prefix_comes_first(nets: list[str], address: str) -> None:
    table: PrefixTable[str] = PrefixTable()
    for net in nets:
        table.add("", ip_network(net), net)
    at = ip_network(address)
    found = list(table.holding_prefix("", at))
    expected = [net for net in nets if ip_network(net).version == at.version]
    expected = [net for net in expected if ip_network(net).supernet_of(at)]  # type: ignore[arg-type]
    if at.version == 4 and "::/0" in nets:
        expected.append("::/0")  # IPv4 is looked up as mapped addresses
    assert found == sorted(expected, key=lambda net: -mapped_length(ip_network(net)))


def test_realms_are_apart_and_a_prefix_may_hold_several_values() -> None:
    table: PrefixTable[str] = PrefixTable()
    net = ip_network("10.0.0.0/8")
    for value in ("first", "second"):
        table.add("a", net, value)
    assert list(table.holding("a", number(net.network_address))) == ["first", "second"]
    assert list(table.holding("b", number(net.network_address))) == []
    assert list(table.holding_prefix("a", ip_network("0.0.0.0/0"))) == []
