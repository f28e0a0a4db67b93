from __future__ import annotations

from collections.abc import Callable

from sekisho.errors import Problem
from sekisho.policy.lints.shadowed import Shadowed


def test_a_rule_within_another(lint: Callable[..., list[Problem]]) -> None:
    found = lint(
        Shadowed(),
        "id: A, allow: 'th/edi -> jp/edi : https'",
        "id: B, allow: 'th/* -> jp/* : tcp/1-1000', expires: 2030-01-01",
        "id: C, allow: 'th/edi -> jp/* : tcp/443', expires: 2029-01-01",
        "id: D, allow: 'th/edi -> jp/edi : https'",
        "id: E, allow: '* -> * : any', state: proposed",
    )
    assert [(p.line - 1, p.message) for p in found] == [
        (3, "C: B (policy.yaml:3) permits all of it already")
    ]
