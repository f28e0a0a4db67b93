"""`lint/duplicate`: two rules that permit exactly the same."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.model.rules import Rule
from sekisho.policy.lints.base import Subject, problem
from sekisho.policy.retroactive import content_hash


class Duplicate:
    """The same ends, services and validity under another id."""

    id = "duplicate"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        first: dict[str, Rule] = {}
        for rule in subject.active:
            same = first.setdefault(content_hash(rule), rule)
            if same is not rule:
                yield problem(
                    rule,
                    self.id,
                    f"permits exactly what {same.id} ({same.file}:{same.line}) permits",
                    "delete one of them",
                )
