"""`lint/refers-to-nothing`: a side that means no address while the rule is valid."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.policy.lints.base import Subject, problem


class RefersToNothing:
    """A group without members, an asset that is gone, a prefix that left its site."""

    id = "refers-to-nothing"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            for side, selectors in (("source", rule.sources), ("destination", rule.destinations)):
                for selector in selectors:
                    if not subject.cover.means_anything(selector, rule.validity):
                        yield problem(
                            rule,
                            self.id,
                            f"its {side} {selector} means no address while it is valid",
                            "correct it, or delete the rule",
                        )
