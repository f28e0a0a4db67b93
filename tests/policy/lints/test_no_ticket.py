from __future__ import annotations

from collections.abc import Callable

from sekisho.policy.lints.no_ticket import NoTicket

RULE = "id: A, allow: 'th/edi -> jp/edi : https'"


def test_a_rule_without_ticket(lines: Callable[..., list[int]]) -> None:
    rules = [
        RULE + ", ticket: CHG-1",
        RULE.replace("A", "B", 1),
        RULE.replace("A", "C", 1) + ", ticket: '  '",
    ]
    assert lines(NoTicket(), *rules) == [2, 3]
