from __future__ import annotations

import asyncio
from ipaddress import ip_address
from pathlib import Path

import pytest

from sekisho.app.containing.telling import AT_ONCE, alone, deliverers, each
from sekisho.app.workspace import Workspace
from sekisho.contain.points import Gateway
from sekisho.errors import Refused

GATEWAYS = [Gateway(f"g{n}", "nftables", ip_address("10.0.0.1"), ()) for n in range(150)]


def test_many_at_once_and_never_more() -> None:
    running = most = 0
    seen: list[tuple[int, int | None]] = []

    async def act(gateway: Gateway) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return gateway.name.upper()

    found = each(GATEWAYS, act, what="x", step=lambda _what, done, of: seen.append((done, of)))
    assert list(found) == [gateway.name for gateway in GATEWAYS]
    assert found["g7"] == "G7"
    assert 1 < most <= AT_ONCE
    assert seen[-1] == (150, 150)
    assert each([], act, what="x", step=lambda *_: None) == {}


def test_the_ways_there_are() -> None:
    assert set(deliverers()) == {"ssh", "napalm"}


def test_two_people_do_not_tell_gateways_at_once(tmp_path: Path) -> None:
    (tmp_path / "sekisho.toml").write_text("[store]\nlock_timeout = 0\n")
    workspace = Workspace(tmp_path)
    with alone(workspace), pytest.raises(Refused, match="somebody else is telling"), alone(workspace):
        pass
    with alone(workspace):
        pass
