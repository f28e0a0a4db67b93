from __future__ import annotations

from collections.abc import Callable

from sekisho.policy.lints.no_reason import NoReason

RULE = "id: A, allow: 'th/edi -> jp/edi : https'"


def test_a_rule_without_why(lines: Callable[..., list[int]]) -> None:
    rules = [
        RULE + ", why: CHG-1",
        RULE.replace("A", "B", 1),
        RULE.replace("A", "C", 1) + ", why: '  '",
    ]
    assert lines(NoReason(), *rules) == [2, 3]
