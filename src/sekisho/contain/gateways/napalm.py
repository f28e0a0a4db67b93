"""Network devices through NAPALM, where its driver can have the device take a change back by itself.

That is so for Arista EOS and Junos. The others cannot, and a list that cuts off whoever loaded it would stay:
they are rendered, for a person at the device.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sekisho.contain.gateways.base import GatewayStatus, Outcome
from sekisho.contain.points import Gateway

DRIVERS: Mapping[str, str] = MappingProxyType(
    {"arista": "eos", "juniper": "junos", "juniper-evo": "junos", "juniper-srx": "junos"}
)
"""NAPALM's drivers that revert, by platform."""
MINUTE = 60
NO_DRIVER = (
    "cannot take a change back by itself through NAPALM: say `deliver: render` in gateways.yaml, and load"
    " the text as `sekisho contain runbook` says"
)
NOT_READ = "NAPALM reads no list back: compare it at the device"
NO_EXEMPTIONS = "it cannot close by itself what is exempt for a while: it stays cut here"
Open = Callable[[Gateway], Any]


class Napalm:
    """Delivery through NAPALM. `keys` are private key files, of which the first is offered; `opened`
    gives an open driver, for another way to log in."""

    def __init__(self, keys: Sequence[str] = (), *, opened: Open | None = None) -> None:
        self._keys = tuple(keys)
        self._opened = opened

    async def apply(self, gateway: Gateway, text: str, plan: str, seconds: int) -> Outcome:
        """See `Deliverer.apply`. Junos counts whole minutes: the timer is never shorter than asked for."""
        return await self._with(gateway, lambda driver: _apply(driver, text, plan, seconds), plan)

    async def confirm(self, gateway: Gateway, plan: str) -> Outcome:
        """See `Deliverer.confirm`."""
        return await self._with(gateway, _confirm, plan)

    async def rollback(self, gateway: Gateway, plan: str) -> Outcome:
        """See `Deliverer.rollback`. Nothing is taken back that does not wait: what was committed last may
        be somebody else's."""
        return await self._with(gateway, _rollback, plan)

    async def exempt(self, gateway: Gateway, text: str) -> Outcome:
        """See `Deliverer.exempt`: it fails, and what is exempt stays cut."""
        return Outcome("failed", NO_EXEMPTIONS)

    async def status(self, gateway: Gateway) -> GatewayStatus:
        """See `Deliverer.status`: it is not known."""
        return GatewayStatus(reached=False, why=NOT_READ)

    async def _with(self, gateway: Gateway, act: Callable[[Any], Outcome], plan: str) -> Outcome:
        if gateway.platform not in DRIVERS:
            return Outcome("failed", f"{gateway.platform} {NO_DRIVER}")
        if self._opened is None:
            why = await _other_key(gateway)
            if why:
                return Outcome("unreachable", why)
        return await asyncio.to_thread(self._act, gateway, act, plan)

    def _act(self, gateway: Gateway, act: Callable[[Any], Outcome], plan: str) -> Outcome:
        try:
            driver = self._opened(gateway) if self._opened else self._open(gateway)
        except ImportError as error:
            return Outcome(
                "failed", f"NAPALM is not installed ({error}): pip install 'sekisho[napalm]'"
            )
        # Each driver raises what its own library does (netmiko, pyeapi, ncclient, sockets), and these share
        # no base: whatever it is, this gateway was not told, and the others go on.
        except Exception as error:  # noqa: BLE001
            return Outcome("unreachable", _first(error))
        try:
            if hasattr(driver, "config_session"):
                # What waits on EOS is found again by the name of its session only.
                driver.config_session = f"sekisho_{plan}"
            return act(driver)
        # As above: what a device or its driver says is this gateway's outcome, never the end of the run.
        except Exception as error:  # noqa: BLE001
            return Outcome("failed", _first(error))
        finally:
            _close(driver)

    def _open(self, gateway: Gateway) -> Any:
        from napalm import get_network_driver  # type: ignore[import-untyped]

        options: dict[str, Any] = {"port": gateway.port}
        if self._keys:
            options["key_file"] = self._keys[0]
        if DRIVERS[gateway.platform] == "eos":
            options |= {"transport": "ssh", "use_keys": bool(self._keys)}
        kind = get_network_driver(DRIVERS[gateway.platform])
        driver = kind(str(gateway.address), gateway.user, "", optional_args=options)
        driver.open()
        return driver


def _apply(driver: Any, text: str, plan: str, seconds: int) -> Outcome:
    if driver.has_pending_commit():
        return Outcome("failed", "a commit of somebody waits there for its confirmation")
    lines = [line for line in text.splitlines() if line.strip()]
    driver.load_merge_candidate(config="\n".join(lines) + "\n")
    try:
        if not driver.compare_config().strip():
            driver.discard_config()
            return Outcome("confirmed", "it held the text already: nothing was committed")
        whole = max(MINUTE, -(-seconds // MINUTE) * MINUTE)
        driver.commit_config(revert_in=whole)
    except Exception:
        # Whatever went wrong, nothing that was loaded may wait there for somebody else's commit.
        driver.discard_config()
        raise
    return Outcome("applied", None if whole == seconds else f"its timer counts minutes: {whole} s")


def _confirm(driver: Any) -> Outcome:
    if not driver.has_pending_commit():
        return Outcome("rolled_back", "it had taken it back: no commit waits there")
    driver.confirm_commit()
    return Outcome("confirmed")


def _rollback(driver: Any) -> Outcome:
    if not driver.has_pending_commit():
        return Outcome("failed", "no commit waits there: see at the device what it holds")
    driver.rollback()
    return Outcome("rolled_back")


def _close(driver: Any) -> None:
    try:
        driver.close()
    except Exception as error:  # noqa: BLE001
        # Drivers close by libraries that share no error either. The outcome stands: what was committed has
        # its timer at the device.
        logging.getLogger(__name__).debug("closing failed: %s", error)


async def _other_key(gateway: Gateway) -> str | None:
    """Why the device is not who it should be. NAPALM's drivers check no host key against one that is pinned,
    so it is looked at before each session."""
    import asyncssh

    from sekisho.contain.gateways.ssh import NotReached, pinned_keys

    try:
        pinned = pinned_keys(gateway)
    except NotReached as error:
        return str(error)
    try:
        found = await asyncio.wait_for(
            asyncssh.get_server_host_key(
                str(gateway.address),
                gateway.port,
                config=None,
                server_host_key_algs=list(dict.fromkeys(key.get_algorithm() for key in pinned)),
            ),
            timeout=10,
        )
    except (OSError, asyncssh.Error, TimeoutError, ValueError) as error:
        return _first(error)
    if found is None or found.public_data not in {key.public_data for key in pinned}:
        return "its host key is not the one that is pinned"
    return None


def _first(error: BaseException) -> str:
    lines = (line.strip() for line in str(error).splitlines())
    return next((line[:300] for line in lines if line), type(error).__name__)
