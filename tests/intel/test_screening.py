from __future__ import annotations

from ipaddress import ip_address

import pytest

from sekisho.intel.screening import COMMON_ADDRESSES, Screen
from sekisho.intel.values import read_value
from sekisho.model.addresses import number


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0.0.0.0/0", "too_wide"),
        ("::/0", "too_wide"),
        ("2000::/3", "too_wide"),
        ("44.0.0.0/7", "too_wide"),
        ("com", "too_wide"),
        ("co.jp", "too_wide"),
        ("133.7.1.1", "company"),
        ("133.0.0.0/8", "company"),
        ("http://133.7.1.1/x", "company"),
        ("10.1.2.3", "company"),
        ("10.9.2.3", "special_purpose"),
        ("100.64.0.1", "special_purpose"),
        ("fe80::1", "special_purpose"),
        ("224.0.0.251", "special_purpose"),
        ("192.0.0.0/16", "special_purpose"),
        ("8.8.8.8", "common"),
        ("2606:4700:4700::1111", "common"),
        ("www.google.com", "common"),
        ("https://github.com/x/y", "common"),
        ("45.9.148.3", None),
        ("8.8.8.0/24", None),
        ("2a0b:f4c0::/32", None),
        ("evil.github.io", None),
        ("evil.co.jp", None),
        ("d41d8cd98f00b204e9800998ecf8427e", None),
    ],
)
def test_what_may_not_raise_an_alarm(screen: Screen, text: str, why: str | None) -> None:
    assert screen.refuses(read_value(text)) == why


def test_out_of_a_prefix_what_is_common_or_ours_still_raises_none(screen: Screen) -> None:
    kept = [
        one
        for one in ("8.8.8.8", "8.8.8.9", "133.7.255.255", "133.8.0.0", "10.0.0.1")
        if screen.keeps(number(ip_address(one)))
    ]
    assert kept == ["8.8.8.9", "133.8.0.0"]


def test_the_list_is_of_addresses_that_would_be_taken_otherwise() -> None:
    assert {Screen().refuses(read_value(one)) for one in COMMON_ADDRESSES} == {"common"}
