"""`lint/shadowed`: a rule that another one makes needless."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem
from sekisho.policy.retroactive import content_hash


class Shadowed:
    """All that it permits, at all times it does, one other rule permits as well."""

    id = "shadowed"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        rules = list(subject.active)
        for rule in rules:
            for other in rules:
                same = content_hash(rule) == content_hash(other)
                if other is not rule and not same and subject.cover.covers(other, rule):
                    yield problem(
                        rule,
                        self.id,
                        f"{other.id} ({other.file}:{other.line}) permits all of it already",
                        "delete it, or narrow the wider rule",
                    )
                    break
