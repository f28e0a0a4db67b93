"""What a lint is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sekisho.errors import Problem
from sekisho.model.rules import Policy, Rule
from sekisho.policy.cover import RuleCover
from sekisho.policy.judge import Judge
from sekisho.policy.usage import Usage


@dataclass(frozen=True, slots=True)
class Subject:
    """A register under examination. `policy` is as the files say, `judge` counts retroactive rules as
    such. `days` is how soon is soon. `usage` None: there is no evidence to say who uses what.
    """

    policy: Policy
    judge: Judge
    cover: RuleCover
    now: datetime
    days: int
    usage: Usage | None = None

    @property
    def active(self) -> Iterator[Rule]:
        """Rules that count: proposed ones await their owner anyway."""
        return (rule for rule in self.policy.rules if rule.state == "active")


class Lint(Protocol):
    """One thing that may be wrong with rules."""

    id: str

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """What is wrong, in the order of the files."""
        ...


def problem(rule: Rule, lint: str, message: str, mend: str) -> Problem:
    """A warning at the rule's place."""
    return Problem(
        rule.file, rule.line, rule.column, f"lint/{lint}", f"{rule.id}: {message}", mend, "warning"
    )
