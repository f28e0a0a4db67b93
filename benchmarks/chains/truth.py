"""What truly happened in one month: chains with their steps, entry, beginning and what left."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """How an intrusion goes on from host to host."""

    TUNNEL = "live tunnels"
    STAGED = "steps 1 to 24 h apart"
    LONG = "steps 24 to 72 h apart"
    REVERSE = "control against the session"
    CREDENTIALS = "stolen credentials, some edges permitted"
    MISSING = "logs of one end missing"
    EXFILTRATION = "steps, staging, exfiltration"
    PERMITTED = "permitted edges alone"


@dataclass(frozen=True, slots=True)
class TrueStep:
    """A step of control: hosts by name, the true time (microseconds UTC) of its first session.

    `recorded` says whether any sensor recorded a session of it, `permitted` whether the register allows it;
    `inside` that both ends are of the company.
    """

    src: str
    dst: str
    src_address: str
    dst_address: str
    port: int
    at: int
    kind: Literal["connect", "reverse"]
    permitted: bool
    inside: bool
    recorded: bool


@dataclass(frozen=True, slots=True)
class TrueLeaving:
    """IP-layer bytes that went from a host to a party outside; `recorded` of them are on record."""

    src: str
    dst_address: str
    bytes: int
    recorded: int


@dataclass(slots=True)
class TrueChain:
    """One intrusion. `own` are pairs of names that its flows joined, steps or not."""

    kind: Kind
    number: int
    entry: str
    steps: list[TrueStep] = field(default_factory=list)
    leaving: list[TrueLeaving] = field(default_factory=list)
    own: set[tuple[str, str]] = field(default_factory=set)

    @property
    def visible(self) -> list[TrueStep]:
        """Steps that some sensor recorded, in order of time."""
        return sorted((s for s in self.steps if s.recorded), key=lambda s: s.at)
