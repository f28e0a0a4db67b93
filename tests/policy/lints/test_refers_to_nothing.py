from __future__ import annotations

from collections.abc import Callable

from sekisho.errors import Problem
from sekisho.policy.lints.refers_to_nothing import RefersToNothing


def test_a_side_without_addresses_while_the_rule_is_valid(lint: Callable[..., list[Problem]]) -> None:
    found = lint(
        RefersToNothing(),
        "id: A, allow: 'th/old -> jp/edi : https', from: 2020-01-01",
        "id: B, allow: 'th/old -> jp/edi : https'",
        "id: C, allow: 'jp/edi -> th/edi, th/old : https', from: 2020-01-01",
        "id: D, allow: 'asset:th-app02 -> jp/edi : https'",
    )
    assert [(p.line - 1, p.message) for p in found] == [
        (1, "A: its source th/old means no address while it is valid"),
        (3, "C: its destination th/old means no address while it is valid"),
    ]
