"""`lint/no-owner`: a rule that nobody answers for."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem


class NoOwner:
    """A rule that nobody answers for."""

    id = "no-owner"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            if not rule.owner.strip():
                yield problem(rule, self.id, "names no owner", "write owner: who answers for it")
