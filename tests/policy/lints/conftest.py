"""Running one lint over a register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sekisho.errors import Problem
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.cover import RuleCover
from sekisho.policy.lints.base import Lint, Subject
from sekisho.policy.usage import Usage

NOW = datetime(2020, 6, 2, 12, tzinfo=UTC)


@pytest.fixture
def lint(register: Callable[[str], CompiledPolicy]) -> Callable[..., list[Problem]]:
    """What a lint says of rules, each written without its braces, on 2 June 2020 at noon."""

    def run(one: Lint, *rules: str, days: int = 30, usage: Usage | None = None) -> list[Problem]:
        text = "connections:\n" + "".join(f"  - {{{rule}}}\n" for rule in rules)
        judge = register(text)
        subject = Subject(judge.policy, judge, RuleCover(judge), NOW, days, usage)
        found = list(one.examine(subject))
        assert all(p.code == f"lint/{one.id}" and p.level == "warning" and p.mend for p in found)
        return found

    return run


@pytest.fixture
def lines(lint: Callable[..., list[Problem]]) -> Callable[..., list[int]]:
    """The places (1 is the first rule) that a lint complains of."""
    return lambda one, *rules, **options: [p.line - 1 for p in lint(one, *rules, **options)]
