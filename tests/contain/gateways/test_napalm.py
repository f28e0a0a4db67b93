from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from napalm import get_network_driver

from sekisho.contain.gateways.base import Outcome
from sekisho.contain.gateways.napalm import DRIVERS, Napalm
from sekisho.contain.platforms import PLATFORMS
from sekisho.contain.points import Gateway

GATEWAY = Gateway("th-gw", "juniper", ip_address("127.0.0.1"), (), deliver="napalm", user="sekisho")
TEXT = "firewall {\n\n}\n"


class Device:
    """What NAPALM's own mock driver was asked, over several sessions."""

    def __init__(self, path: Path, *, diff: str = "+ filter", **broken: str) -> None:
        self.path, self.asked, self.waits = path, [], False
        self.revert: int | None = None
        for name in ("load_merge_candidate", "commit_config", "discard_config", "confirm_commit"):
            said = {"exception": broken[name], "args": ["no\nmore"]} if name in broken else {}
            (path / f"{name}.1").write_text(json.dumps(said))
        (path / "compare_config.1").write_text(json.dumps({"diff": diff}))

    def open(self, _gateway: Gateway) -> Any:
        driver = get_network_driver("mock")("host", "user", "", optional_args={"path": str(self.path)})
        driver.open()
        driver._pending_commits = self.waits
        return _Watched(driver, self)


class _Watched:
    def __init__(self, driver: Any, device: Device) -> None:
        self._driver, self._device = driver, device

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._driver, name)

        def call(*words: Any, **named: Any) -> Any:
            self._device.asked.append(name)
            if name == "commit_config":
                self._device.revert = named["revert_in"]
            if name == "load_merge_candidate":
                assert "\n\n" not in named["config"]
            result = found(*words, **named)
            self._device.waits = self._driver.has_pending_commit()
            return result

        return call if callable(found) else found


def do(device: Device, deed: str, *words: Any) -> Outcome:
    way = Napalm(opened=device.open)
    outcome: Outcome = asyncio.run(getattr(way, deed)(GATEWAY, *words))
    return outcome


def test_a_commit_reverts_unless_it_is_confirmed(tmp_path: Path) -> None:
    device = Device(tmp_path)
    applied = do(device, "apply", TEXT, "P-1", 90)
    assert applied == Outcome("applied", "its timer counts minutes: 120 s")
    assert device.revert == 120
    assert device.asked == [
        "has_pending_commit",
        "load_merge_candidate",
        "compare_config",
        "commit_config",
        "close",
    ]
    assert do(device, "apply", TEXT, "P-2", 60).state == "failed", "one waits already"
    assert do(device, "confirm", "P-1") == Outcome("confirmed")
    assert do(device, "confirm", "P-1").state == "rolled_back"


def test_what_waits_is_taken_back_and_nothing_else(tmp_path: Path) -> None:
    device = Device(tmp_path)
    assert do(device, "rollback", "P-1").state == "failed"
    assert "rollback" not in device.asked
    assert do(device, "apply", TEXT, "P-1", 60) == Outcome("applied")
    assert do(device, "rollback", "P-1") == Outcome("rolled_back")
    assert "rollback" in device.asked


def test_what_it_holds_already_is_not_committed(tmp_path: Path) -> None:
    device = Device(tmp_path, diff=" \n")
    assert do(device, "apply", TEXT, "P-1", 60).state == "confirmed"
    assert "commit_config" not in device.asked
    assert "discard_config" in device.asked


@pytest.mark.parametrize("broken", ["load_merge_candidate", "commit_config"])
def test_what_the_device_refuses_is_said(tmp_path: Path, broken: str) -> None:
    device = Device(tmp_path, **{broken: "napalm.base.exceptions.CommitError"})
    assert do(device, "apply", TEXT, "P-1", 60) == Outcome("failed", "no")
    assert ("discard_config" in device.asked) is (broken == "commit_config")
    assert device.asked[-1] == "close"


def test_a_device_that_cannot_be_reached() -> None:
    def closed(_gateway: Gateway) -> Any:
        raise ConnectionError("refused")

    way = Napalm(opened=closed)
    assert asyncio.run(way.confirm(GATEWAY, "P-1")) == Outcome("unreachable", "refused")


def test_platforms_that_take_nothing_back_are_refused() -> None:
    told = asyncio.run(Napalm().apply(replace(GATEWAY, platform="cisco-xr"), TEXT, "P-1", 60))
    assert told.state == "failed"
    assert "deliver: render" in str(told.why)
    assert set(DRIVERS) == {name for name, one in PLATFORMS.items() if "napalm" in one.ways}
    assert all(get_network_driver(name) for name in DRIVERS.values())


def test_nothing_is_claimed_that_is_not_known() -> None:
    assert not asyncio.run(Napalm().status(GATEWAY)).reached
    assert asyncio.run(Napalm().exempt(GATEWAY, "")).state == "failed"


def test_a_device_with_another_host_key_is_not_talked_to() -> None:
    key, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))

    async def told(pinned: asyncssh.SSHKey | None) -> Outcome:
        async with await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key]) as server:
            keys = (pinned.export_public_key().decode(),) if pinned else ()
            gateway = replace(GATEWAY, port=server.get_port(), host_keys=keys)
            return await Napalm().confirm(gateway, "P-1")

    assert "not the one that is pinned" in str(asyncio.run(told(other)).why)
    assert "no host key of th-gw is pinned" in str(asyncio.run(told(None)).why)
