"""The words of a campaign that terminals are asked by: how wide, how far, and what came of it. Aware UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

CampaignAction = Literal["widen", "pause", "resume", "end", "scope"]
CAMPAIGN_ACTIONS: tuple[CampaignAction, ...] = get_args(CampaignAction)
CampaignState = Literal["running", "paused", "ended", "expired"]
Fate = Literal["answered", "failed", "denylisted", "gave_up", "not_applicable"]
FATES: tuple[Fate, ...] = get_args(Fate)
"""What became of a question to a terminal. `denylisted`: its osquery will not run it; `gave_up`: it was read
as often as it may be, and never answered; `not_applicable`: its platform has not the tables."""
WELL: frozenset[Fate] = frozenset({"answered", "not_applicable"})
"""What is no failure."""
RAMP: tuple[float, ...] = (0.01, 0.1, 1.0)
"""The shares of terminals that each stage reaches."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What pauses a campaign: more than `share` of the terminals that are done, and `at_least` so many, failed,
    or used more than these. Times are milliseconds, `memory` bytes, of one question."""

    share: float = 0.05
    at_least: int = 3
    wall_ms: int = 60_000
    cpu_ms: int = 30_000
    memory: int = 200 << 20


@dataclass(frozen=True, slots=True)
class CampaignEvent:
    """What was decided about a campaign, by a person or by its own rules. `seq` is its place in the ledger;
    `first` names terminals that come first from now on, besides those that did."""

    seq: int
    campaign: int
    action: CampaignAction
    by: str
    at: datetime
    why: str = ""
    body: Mapping[str, int] = field(default_factory=dict)
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of one question, when, and what it cost the terminal by its own account."""

    fate: Fate
    at: datetime
    reason: str = ""
    wall_ms: int = 0
    cpu_ms: int = 0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """How far a campaign has come with one terminal. What is settled as one is a check (`c_` and its name) or
    a question of one's own (`q_`). `handed` counts hand-outs, `at` is the last; `done` says that all is."""

    stage: int
    handed: Mapping[str, int] = field(default_factory=dict)
    at: datetime | None = None
    settled: Mapping[str, Settled] = field(default_factory=dict)
    done: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """Terminals of a campaign, or of one stage: asked, done, and of those asked, how many have a question that
    failed (`denylisted` and given up among them), that is denylisted, that used more than the limits."""

    asked: int = 0
    done: int = 0
    failed: int = 0
    denylisted: int = 0
    heavy: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.asked + other.asked,
            self.done + other.done,
            self.failed + other.failed,
            self.denylisted + other.denylisted,
            self.heavy + other.heavy,
        )


NONE = Tally()
