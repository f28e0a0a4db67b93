from __future__ import annotations

from collections.abc import Callable

from sekisho.errors import Problem
from sekisho.policy.lints.proposed import Proposed


def test_one_line_a_file(lint: Callable[..., list[Problem]]) -> None:
    rules = [f"id: R{n}, allow: 'th/edi -> jp/edi : tcp/{n}', state: proposed" for n in (1, 2, 3)]
    (found,) = lint(Proposed(), "id: A, allow: 'th/edi -> jp/edi : https'", *rules)
    assert (found.file, found.line) == ("policy.yaml", 0)
    assert found.message == "3 proposed rules authorise nothing yet"
    assert lint(Proposed(), "id: A, allow: 'th/edi -> jp/edi : https'") == []
