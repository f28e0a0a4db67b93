from __future__ import annotations

from collections.abc import Callable

from sekisho.errors import Problem
from sekisho.policy.lints.expired import Expired


def test_rules_that_ended(lint: Callable[..., list[Problem]]) -> None:
    rule = "id: {}, allow: 'th/edi -> jp/edi : https', expires: {}"
    found = lint(
        Expired(),
        rule.format("A", "2020-06-01"),
        rule.format("B", "2020-06-02"),
        rule.format("C", "null"),
    )
    assert [(p.line, p.message) for p in found] == [(2, "A: expired on 2020-06-01")]
