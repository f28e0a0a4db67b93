from __future__ import annotations

from collections.abc import Callable

from sekisho.policy.lints.no_owner import NoOwner

RULE = "id: A, allow: 'th/edi -> jp/edi : https'"


def test_a_rule_without_owner(lines: Callable[..., list[int]]) -> None:
    rules = [
        RULE + ", owner: CHG-1",
        RULE.replace("A", "B", 1),
        RULE.replace("A", "C", 1) + ", owner: '  '",
    ]
    assert lines(NoOwner(), *rules) == [2, 3]
