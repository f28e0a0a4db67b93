from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.inventory.scopes import REACH_STARTS, REACHES, reach
from sekisho.model.addresses import number


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1.2.3", "private"),
        ("100.64.0.1", "private"),
        ("192.0.2.1", "private"),
        ("8.8.8.8", "global"),
        ("192.0.0.9", "global"),
        ("224.0.0.5", "local"),
        ("169.254.1.1", "local"),
        ("255.255.255.255", "local"),
        ("0.0.0.0", "local"),
        ("fe80::1", "local"),
        ("ff02::1", "local"),
        ("fd00::1", "private"),
        ("2001:db8::1", "private"),
        ("2606:4700::1", "global"),
    ],
)
def test_how_far_addresses_reach(text: str, expected: str) -> None:
    assert reach(number(ip_address(text))) == expected


@settings(max_examples=300, deadline=None)
@given(st.ip_addresses())
def test_the_registries_and_the_standard_library_agree_on_what_is_global(address) -> None:  # type: ignore[no-untyped-def]
    if reach(number(address)) == "global":
        assert address.is_global or address.is_multicast or address.version == 6


def test_intervals_are_in_order_and_cover_everything() -> None:
    assert REACH_STARTS[0] == 0
    assert sorted(set(REACH_STARTS)) == REACH_STARTS
    assert len(REACHES) == len(REACH_STARTS)
