from __future__ import annotations

from ipaddress import ip_address

import pytest

from sekisho.model.special_purpose import GLOBAL_WITHIN, LOCAL_SCOPE, NOT_GLOBAL


def globally(text: str) -> bool:
    address = ip_address(text)
    return any(address in p for p in GLOBAL_WITHIN) or not any(address in p for p in NOT_GLOBAL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("100.128.0.1", True),
        ("172.31.255.255", False),
        ("172.32.0.0", True),
        ("192.0.0.9", True),
        ("192.0.0.8", False),
        ("198.20.0.1", True),
        ("203.0.113.9", False),
        ("2001:4860:4860::8888", True),
        ("2001:db8::1", False),
        ("2001:20::1", True),
        ("3fff::1", False),
        ("fd00::1", False),
        ("64:ff9b::1", True),
        ("64:ff9b:1::1", False),
        ("2002:a00:1::1", True),
    ],
)
def test_the_registries(text: str, expected: bool) -> None:
    assert globally(text) is expected


def test_exceptions_lie_inside_the_blocks_they_except() -> None:
    for inner in GLOBAL_WITHIN:
        assert any(inner.version == o.version and inner.subnet_of(o) for o in NOT_GLOBAL)  # type: ignore[arg-type]
    for local in LOCAL_SCOPE:
        assert any(local.version == o.version and local.subnet_of(o) for o in NOT_GLOBAL)  # type: ignore[arg-type]
