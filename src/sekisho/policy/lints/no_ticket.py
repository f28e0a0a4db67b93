"""`lint/no-ticket`: a rule that nobody asked for in writing."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem


class NoTicket:
    """A rule that nobody asked for in writing."""

    id = "no-ticket"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            if not rule.ticket.strip():
                yield problem(rule, self.id, "names no ticket", "write ticket: where it was asked for")
