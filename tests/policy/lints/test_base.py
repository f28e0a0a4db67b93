from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.cover import RuleCover
from sekisho.policy.lints.base import Subject, problem


def test_a_problem_stands_at_its_rule(register: Callable[[str], CompiledPolicy]) -> None:
    judge = register("connections:\n  - {id: A, allow: 'th/* -> jp/* : https'}\n")
    found = problem(judge.policy.rules[0], "no-owner", "names no owner", "write one")
    assert (found.file, found.line, found.column) == ("policy.yaml", 2, 5)
    assert (found.code, found.message, found.level) == ("lint/no-owner", "A: names no owner", "warning")


def test_proposed_rules_are_not_examined(register: Callable[[str], CompiledPolicy]) -> None:
    judge = register(
        """
connections:
  - {id: A, allow: "th/* -> jp/* : https"}
  - {id: B, allow: "th/* -> jp/* : https", state: proposed}
"""
    )
    subject = Subject(judge.policy, judge, RuleCover(judge), datetime(2020, 1, 1, tzinfo=UTC), 30)
    assert [rule.id for rule in subject.active] == ["A"]
