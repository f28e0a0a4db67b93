from __future__ import annotations

from collections.abc import Callable

from sekisho.errors import Problem
from sekisho.policy.lints.duplicate import Duplicate


def test_the_same_permission_under_another_id(lint: Callable[..., list[Problem]]) -> None:
    found = lint(
        Duplicate(),
        "id: A, allow: 'th/edi, th/old -> jp/edi : https, ssh', owner: x",
        "id: B, allow: 'th/edi -> jp/edi : https'",
        "id: C, allow: 'th/old, th/edi -> jp/edi : ssh, tcp/443', owner: y",
        "id: D, allow: 'th/edi, th/old -> jp/edi : https, ssh', expires: 2021-01-01",
        "id: E, allow: 'th/edi -> jp/edi : https', state: proposed",
    )
    assert [(p.line, p.message) for p in found] == [
        (4, "C: permits exactly what A (policy.yaml:2) permits")
    ]
