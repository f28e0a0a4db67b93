from __future__ import annotations

from collections.abc import Callable

from sekisho.errors import Problem
from sekisho.policy.lints.expiring import Expiring

RULE = "id: A, allow: 'th/edi -> jp/edi : https', owner: anong, expires: {}"


def test_rules_that_end_soon(lint: Callable[..., list[Problem]]) -> None:
    days = ("2020-06-01", "2020-06-02", "2020-07-01", "2020-07-02", "2021-01-01")
    found = [lint(Expiring(), RULE.format(day)) for day in days]
    assert [len(each) for each in found] == [0, 1, 1, 0, 0]
    assert found[1][0].message == "A: expires on 2020-06-02, within 30 days"
    assert "anong" in found[1][0].mend
    assert lint(Expiring(), RULE.format("2021-01-01"), days=365)
