from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.policy.lints.broad_ends import BroadEnds


@pytest.mark.parametrize(
    ("ends", "broad"),
    [
        ("th/* -> jp/*", True),
        ("* -> *", True),
        ("10.40.0.0/16 -> internet", True),
        ("10.40.0.0/19 -> 10.1.0.0/19", True),
        ("10.40.0.0/20 -> 10.1.0.0/19", False),
        ("2001:db8:1::/48 -> 10.40.0.0/19", True),
        ("2001:db8:1::/56 -> 10.40.0.0/19", False),
        ("th/* -> jp/edi", False),
        ("asset:th-app02 -> *", False),
        ("th/edi, th/* -> jp/edi, jp/*", True),
    ],
)
def test_broad_on_both_sides(lines: Callable[..., list[int]], ends: str, broad: bool) -> None:
    assert lines(BroadEnds(), f"id: A, allow: '{ends} : https'") == [1] * broad
