from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sekisho.policy import lints
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.lints.registry import LINTS, ids, lint


def test_every_lint_of_the_folder_is_a_row() -> None:
    files = {path.stem for path in Path(lints.__file__).parent.glob("*.py")}
    found = {one.id.replace("-", "_") for one in LINTS}
    assert found == files - {"__init__", "base", "registry"}
    assert all(ids().values())


def test_all_that_is_wrong_in_the_order_of_the_lines(
    register: Callable[[str], CompiledPolicy],
) -> None:
    judge = register(
        """
connections:
  - {id: A, allow: "* -> * : any"}
  - {id: B, allow: "th/edi -> jp/edi : https", expires: 2019-01-01, owner: x, ticket: y, why: z}
"""
    )
    found = lint(judge.policy, judge, now=datetime(2020, 1, 1, tzinfo=UTC), days=30)
    assert [p.line for p in found] == sorted(p.line for p in found)
    assert {(p.line, p.code.removeprefix("lint/")) for p in found} == {
        (3, "no-owner"), (3, "no-ticket"), (3, "no-reason"), (3, "broad-ends"), (3, "broad-services"),
        (4, "missing-approval"), (4, "shadowed"), (4, "expired"),
    }  # fmt: skip


def test_a_good_register_is_clean(register: Callable[[str], CompiledPolicy]) -> None:
    judge = register(
        "connections: [{id: A, allow: 'th/edi -> jp/edi : https', owner: x, ticket: y, why: z,"
        " approved_by: {th: a, jp: b}}]"
    )
    assert lint(judge.policy, judge, now=datetime(2020, 1, 1, tzinfo=UTC), days=30) == ()
