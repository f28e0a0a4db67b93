"""The contract of delivery: what can be asked of a gateway, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sekisho.contain.points import Gateway
from sekisho.model.plans import GatewayState


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one gateway; `why` says why not where something failed."""

    state: GatewayState
    why: str | None = None


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """What a gateway says of itself. `current` and `confirmed` are the SHA-256 of texts it was told;
    `waiting` the plan that waits for its confirmation, with the seconds left; `expired` one that it took
    back by itself; `boot` whether a unit loads what was confirmed; `counters` packets and bytes by
    counter; `logs` the latest lines of its kernel's log about what was dropped."""

    reached: bool
    why: str | None = None
    version: str | None = None
    current: str | None = None
    confirmed: str | None = None
    waiting: tuple[str, int] | None = None
    expired: str | None = None
    drift: bool = False
    flowtables: bool = False
    boot: bool = False
    counters: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    logs: tuple[str, ...] = ()


class Deliverer(Protocol):
    """One way to tell a gateway. Nothing raises for what a gateway does: the outcome says it."""

    async def apply(self, gateway: Gateway, text: str, plan: str, seconds: int) -> Outcome:
        """Check, apply, and have the gateway take it back after `seconds` unless it is confirmed."""
        ...

    async def confirm(self, gateway: Gateway, plan: str) -> Outcome:
        """Keep what was applied."""
        ...

    async def rollback(self, gateway: Gateway, plan: str) -> Outcome:
        """Take back what was applied and not confirmed."""
        ...

    async def exempt(self, gateway: Gateway, text: str) -> Outcome:
        """Open what the text names for as long as it says; all that was open so before closes."""
        ...

    async def status(self, gateway: Gateway) -> GatewayStatus:
        """What it holds, and whether somebody else changed it."""
        ...
