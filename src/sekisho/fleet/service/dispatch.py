"""Who is asked what: the seam between the service and what decides about campaigns.

A dispatcher works inside the batch's transaction: what it reads and keeps there counts together with what was
handed and acknowledged, on one worker or on several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sekisho.model.nodes import Caller
from sekisho.state.node_batches import Batch


@dataclass(frozen=True, slots=True)
class Handing:
    """What one node is asked: SQL by query id. `accelerate` are seconds for which it shall ask more often."""

    queries: Mapping[str, str] = field(default_factory=dict)
    accelerate: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a node answers to one query id. `status` 0 is success; `digest` is of its rows, status and message;
    `stats` are wall_time_ms, user_time, system_time, memory as far as it told them."""

    status: int
    message: str
    digest: str
    stats: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """All that a node answers in one request, by query id."""

    caller: Caller
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is taken of it, by query id: `taken` the campaign's number and the question that it answers, `again`
    what is kept already, `refused` what was never asked, with words."""

    taken: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    again: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)


class Dispatcher(Protocol):
    """Decides for all nodes of a batch at once. `now` is aware UTC. A node may occur more than once."""

    def hand(self, batch: Batch, callers: Sequence[Caller], now: datetime) -> Mapping[int, Handing]:
        """What each node (by its number) is asked now, and keeps that it was. Nodes may be left out."""

    def take(self, batch: Batch, given: Sequence[Given], now: datetime) -> Sequence[Verdict]:
        """What is taken of each, in their order; keeps it, so that the same answer counts once."""
