"""`lint/expiring`: a rule that ends soon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem


class Expiring:
    """Ask its owner before the connection becomes a finding."""

    id = "expiring"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            end = rule.validity.end
            if end is not None and subject.now < end <= subject.now + timedelta(days=subject.days):
                last = end - timedelta(microseconds=1)
                yield problem(
                    rule,
                    self.id,
                    f"expires on {last:%Y-%m-%d}, within {subject.days} days",
                    f"ask {rule.owner or 'its owner'} whether it is still needed",
                )
