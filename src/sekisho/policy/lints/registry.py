"""Every lint there is. A new one is one file here and one row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sekisho.errors import Problem
from sekisho.model.rules import Policy
from sekisho.policy.cover import RuleCover
from sekisho.policy.judge import Judge
from sekisho.policy.lints.base import Lint, Subject
from sekisho.policy.lints.broad_ends import BroadEnds
from sekisho.policy.lints.broad_services import BroadServices
from sekisho.policy.lints.duplicate import Duplicate
from sekisho.policy.lints.expired import Expired
from sekisho.policy.lints.expiring import Expiring
from sekisho.policy.lints.missing_approval import MissingApproval
from sekisho.policy.lints.no_owner import NoOwner
from sekisho.policy.lints.no_reason import NoReason
from sekisho.policy.lints.no_ticket import NoTicket
from sekisho.policy.lints.proposed import Proposed
from sekisho.policy.lints.refers_to_nothing import RefersToNothing
from sekisho.policy.lints.retroactive import Retroactive
from sekisho.policy.lints.shadowed import Shadowed
from sekisho.policy.lints.unused import Unused
from sekisho.policy.usage import Usage

LINTS: tuple[Lint, ...] = (
    NoOwner(),
    NoTicket(),
    NoReason(),
    MissingApproval(),
    BroadEnds(),
    BroadServices(),
    Duplicate(),
    Shadowed(),
    Expired(),
    Expiring(),
    Unused(),
    RefersToNothing(),
    Retroactive(),
    Proposed(),
)


def lint(
    policy: Policy, judge: Judge, *, now: datetime, days: int, usage: Usage | None = None
) -> tuple[Problem, ...]:
    """Everything that the lints have to say, in the order of files and lines. `now` is aware UTC."""
    subject = Subject(policy, judge, RuleCover(judge), now, days, usage)
    return tuple(sorted(found for one in LINTS for found in one.examine(subject)))


def ids() -> Mapping[str, str]:
    """Each lint's id and what it means, for the documentation."""
    return {one.id: (type(one).__doc__ or "").strip() for one in LINTS}
