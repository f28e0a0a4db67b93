"""`lint/broad-ends`: a rule that opens far more addresses than a person can answer for."""

from __future__ import annotations

from collections.abc import Iterator

from sekisho.errors import Problem
from sekisho.model.rules import Selector
from sekisho.policy.lints.base import Subject, problem

WIDEST = {4: 20, 6: 56}
"""Shortest prefix that is not broad: 4,096 IPv4 addresses, 256 IPv6 networks of /64."""


class BroadEnds:
    """Whole sites (or wider) on both sides."""

    id = "broad-ends"

    def examine(self, subject: Subject) -> Iterator[Problem]:
        """See Lint."""
        for rule in subject.active:
            wide = [next(filter(broad, side), None) for side in (rule.sources, rule.destinations)]
            if all(wide):
                yield problem(
                    rule,
                    self.id,
                    f"opens all of {wide[0]} to all of {wide[1]}",
                    "name the groups or hosts that need it",
                )


def broad(selector: Selector) -> bool:
    """Whether it means a whole site, everything, or a prefix as wide."""
    if selector.kind in ("any", "internet", "site"):
        return True
    prefix = selector.prefix
    return prefix is not None and prefix.prefixlen < WIDEST[prefix.version]
