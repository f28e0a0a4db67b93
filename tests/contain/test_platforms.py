from __future__ import annotations

from sekisho.contain.platforms import PLATFORMS


def test_what_is_told_by_default() -> None:
    assert PLATFORMS["nftables"].delivery == "ssh"
    assert all("render" in platform.ways for platform in PLATFORMS.values())
    assert all(name == platform.name for name, platform in PLATFORMS.items())
