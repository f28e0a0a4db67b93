from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sekisho.errors import Problem
from sekisho.policy.lints.unused import Unused
from sekisho.policy.usage import Usage

BEGIN, END = datetime(2020, 3, 1, tzinfo=UTC), datetime(2020, 6, 1, tzinfo=UTC)
RULES = (
    "id: A, allow: 'th/edi -> jp/edi : https'",
    "id: B, allow: 'th/edi -> jp/edi : ssh', owner: anong",
    "id: C, allow: 'th/edi -> jp/edi : smb', from: 2020-06-01",
    "id: D, allow: 'th/edi -> jp/edi : rdp', expires: 2020-02-29",
)


def test_rules_that_the_evidence_did_not_need(lint: Callable[..., list[Problem]]) -> None:
    found = lint(Unused(), *RULES, usage=Usage(BEGIN, END, {"A": (BEGIN, END)}))
    assert [(p.line - 1, p.message) for p in found] == [(2, "B: no flow since 2020-03-01 needed it")]
    assert "anong" in found[0].mend


def test_without_evidence_nothing_is_said_to_be_unused(lint: Callable[..., list[Problem]]) -> None:
    assert lint(Unused(), *RULES) == []
