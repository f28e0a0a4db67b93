from __future__ import annotations

from sekisho.model.verdicts import FOUND, SEVERITIES, VERDICTS, Rank, worse_or_equal


def test_every_verdict_has_one_rank() -> None:
    assert sorted(rank.verdict for rank in Rank) == sorted(VERDICTS)


def test_the_worst_verdict_ranks_highest() -> None:
    order = [rank.verdict for rank in sorted(Rank, reverse=True)]
    assert order[:4] == ["unauthorized", "lapsed", "attempted", "unmapped"]
    assert {rank.verdict for rank in Rank if rank >= Rank.UNMAPPED} == set(FOUND)


def test_a_threshold_includes_itself_and_what_is_worse() -> None:
    assert worse_or_equal("critical", "high")
    assert worse_or_equal("high", "high")
    assert not worse_or_equal("medium", "high")
    assert SEVERITIES[0] == "critical"
