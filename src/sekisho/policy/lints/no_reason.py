"""`lint/no-reason`: a rule that nobody can weigh."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem


class NoReason:
    """A rule that nobody can weigh."""

    id = "no-reason"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            if not rule.why.strip():
                yield problem(
                    rule, self.id, "gives no reason", "write why: what the business needs it for"
                )
