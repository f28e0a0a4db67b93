from __future__ import annotations

import pytest

from sekisho.fleet.service.hosts import host_of


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("10.1.0.5", "10.1.0.5"),
        ("::ffff:10.1.0.5", "10.1.0.5"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("no address", "no address"),
    ],
)
def test_one_host_is_one_whatever_address_it_takes(address: str, host: str) -> None:
    assert host_of(address) == host
