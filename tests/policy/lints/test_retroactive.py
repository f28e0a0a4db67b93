from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from sekisho.errors import Problem
from sekisho.inventory.register import Inventory
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.cover import RuleCover
from sekisho.policy.lints.base import Subject
from sekisho.policy.lints.retroactive import Retroactive


def test_a_rule_that_was_kept_after_it_begins(
    register: Callable[[str], CompiledPolicy], world: Inventory
) -> None:
    policy = register(
        """
connections:
  - {id: A, allow: "th/edi -> jp/edi : https", from: 2020-01-01}
  - {id: B, allow: "th/edi -> jp/edi : ssh", from: 2020-01-01}
"""
    ).policy
    first, second = policy.rules
    at = datetime(2020, 6, 1, 9, 30, tzinfo=UTC)
    judge = CompiledPolicy(replace(policy, rules=(first, replace(second, recorded=at))), world)
    subject = Subject(policy, judge, RuleCover(judge), at, 30)
    found: list[Problem] = list(Retroactive().examine(subject))
    assert [(p.line, p.message) for p in found] == [
        (4, "B: excuses nothing before 2020-06-01 09:30 UTC, when it was first kept")
    ]
    assert "sekisho policy accept-retroactive B" in found[0].mend
