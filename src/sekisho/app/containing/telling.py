"""Telling gateways: the ways there are, many at once, and what came of each."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from filelock import FileLock, Timeout

from sekisho.app.workspace import Workspace
from sekisho.contain.gateways.base import Deliverer
from sekisho.contain.gateways.napalm import Napalm
from sekisho.contain.gateways.ssh import Ssh
from sekisho.contain.platforms import Delivery
from sekisho.contain.points import Gateway
from sekisho.errors import Refused

AT_ONCE = 16
"""Gateways that are talked to at a time. One process does the arithmetic of all their sessions: with more at
once each waits for all others at every step, and some give up."""
T = TypeVar("T")
Step = Callable[[str, int, int | None], None]


def deliverers(keys: Iterable[str] = ()) -> Mapping[Delivery, Deliverer]:
    """The ways to tell a gateway by ourselves; `keys` are private key files."""
    return {"ssh": Ssh(tuple(keys)), "napalm": Napalm(tuple(keys))}


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Nobody else of this workspace works texts out meanwhile, or tells them: a text made before another
    plan was applied would take that plan out again. Raises Refused after `store.lock_timeout` seconds."""
    timeout = float(workspace.settings(os.environ).settings.store.lock_timeout)
    workspace.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(workspace.data / "contain.lock", timeout=timeout, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise Refused(
            "somebody else is telling gateways", "see `sekisho contain status`, then run this again"
        ) from None
    try:
        yield
    finally:
        lock.release()


def each(
    gateways: Iterable[Gateway],
    act: Callable[[Gateway], Awaitable[T]],
    *,
    what: str,
    step: Step | None,
) -> dict[str, T]:
    """Do one thing with every gateway, many at a time; what came of it by their names."""

    async def run() -> dict[str, T]:
        several = asyncio.Semaphore(AT_ONCE)
        listed = list(gateways)
        found: dict[str, T] = {}

        async def one(gateway: Gateway) -> None:
            async with several:
                found[gateway.name] = await act(gateway)
            if step is not None:
                step(what, len(found), len(listed))

        await asyncio.gather(*(one(gateway) for gateway in listed))
        return {gateway.name: found[gateway.name] for gateway in listed}

    return asyncio.run(run())
