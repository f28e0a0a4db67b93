from __future__ import annotations

from sekisho.fleet.checks.base import LONGEST, MOST_FINDINGS, bounded


def test_findings_are_bounded_and_each_is_told_once() -> None:
    assert bounded(["a", "b", "a"]) == ("a", "b")
    found = bounded(f"{n}" + "x" * 1000 for n in range(MOST_FINDINGS + 5))
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1] == "and 5 more"
    assert len(found[0]) == LONGEST
