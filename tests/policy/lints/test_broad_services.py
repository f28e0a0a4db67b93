from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.policy.lints.broad_services import BroadServices


@pytest.mark.parametrize(
    ("services", "broad"),
    [
        ("any", True),
        ("tcp", True),
        ("tcp/1-1024", False),
        ("tcp/1-1025", True),
        ("https, udp/1000-9000", True),
        ("tcp/49152-65535", False),
        ("tcp/49151-65535", True),
        ("icmp, gre, https", False),
    ],
)
def test_more_ports_than_a_service_needs(
    lines: Callable[..., list[int]], services: str, broad: bool
) -> None:
    assert lines(BroadServices(), f"id: A, allow: 'th/edi -> jp/edi : {services}'") == [1] * broad
