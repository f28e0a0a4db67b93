"""`lint/expired`: a rule that ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem


class Expired:
    """Traffic that it used to permit is `lapsed` now."""

    id = "expired"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            end = rule.validity.end
            if end is not None and end <= subject.now:
                last = end - timedelta(microseconds=1)
                yield problem(
                    rule,
                    self.id,
                    f"expired on {last:%Y-%m-%d}",
                    "renew it with its owner, or leave it as the record of what was allowed",
                )
