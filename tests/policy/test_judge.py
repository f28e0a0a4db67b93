from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from sekisho.model.verdicts import Rank
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.judge import bits

RULES = """
connections:
  - {id: A, allow: "th/* -> jp/* : https", from: 2020-01-01, expires: 2020-03-31}
  - {id: B, allow: "th/edi, us/* -> jp/edi, jp/db : any"}
  - {id: C, allow: "jp/* -> th/* : ssh", state: proposed}
"""
FEBRUARY = datetime(2020, 2, 1, tzinfo=UTC)


def test_sets_of_rules(register: Callable[[str], CompiledPolicy]) -> None:
    judge = register(RULES)

    def ids(mask: int) -> list[str]:
        return [rule.id for rule in judge.rules_in(mask)]

    edi = judge.labels.of("", ip_address("10.40.2.10"), FEBRUARY)
    db = judge.labels.of("", ip_address("10.1.30.1"), FEBRUARY)
    assert [ids(mask) for mask in judge.masks(edi)] == [["A", "B"], ["C"]]
    assert [ids(mask) for mask in judge.masks(db)] == [["C"], ["A", "B"]]
    pair = judge.pair(edi, db)
    assert not isinstance(pair, Rank)
    assert ids(pair) == ["A", "B"]
    assert ids(judge.serving(6, 443)) == ["A", "B"]
    assert ids(judge.serving(6, 22)) == ["B", "C"]
    assert ids(judge.valid(FEBRUARY)) == ["A", "B"]
    assert ids(judge.valid(FEBRUARY + timedelta(days=90))) == ["B"]
    assert judge.pair(db, db) is Rank.INTRA_SITE
    rule = judge.rule("B")
    assert rule is not None
    assert rule.id == "B"
    assert judge.rule("Z") is None


def test_the_verdict_of_a_flow_changes_at_the_very_microsecond(
    register: Callable[[str], CompiledPolicy],
) -> None:
    judge = register(RULES)
    ends = ("", ip_address("10.40.7.7")), ("", ip_address("10.1.20.1"))
    end = datetime(2020, 4, 1, tzinfo=UTC)
    before = end - timedelta(microseconds=1)
    assert judge.verdict(*ends, 6, 443, before) is Rank.AUTHORIZED
    assert judge.verdict(*ends, 6, 443, end) is Rank.LAPSED
    assert judge.verdict(*ends, 6, 444, before) is Rank.UNAUTHORIZED
    assert end in judge.cuts
    assert set(judge.epochs) <= set(judge.cuts)


def test_bits() -> None:
    assert list(bits(0)) == []
    assert list(bits(0b1011 | 1 << 500)) == [0, 1, 3, 500]
