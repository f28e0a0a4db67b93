from __future__ import annotations

from pathlib import Path

from sekisho.contain.platforms import PLATFORMS


def test_what_is_told_by_default() -> None:
    assert PLATFORMS["nftables"].delivery == "ssh"
    assert all("render" in platform.ways for platform in PLATFORMS.values())
    assert all(name == platform.name for name, platform in PLATFORMS.items())


def test_each_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "platforms.md"
    table, _, attached = page.read_text().partition("## How it is attached")
    for name in PLATFORMS:
        assert f"`{name}`" in table, name
        assert f"`{name}`" in attached, name
