from __future__ import annotations

from sekisho.fleet.checks.base import LONGEST, MOST_FINDINGS, Timed, Wider, bounded
from sekisho.fleet.checks.laps import Laps
from sekisho.fleet.checks.patch_age import PatchAge


def test_findings_are_bounded_and_each_is_told_once() -> None:
    assert bounded(["a", "b", "a"]) == ("a", "b")
    found = bounded(f"{n}" + "x" * 1000 for n in range(MOST_FINDINGS + 5))
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1] == "and 5 more"
    assert len(found[0]) == LONGEST


def test_what_a_check_can_do_more_is_seen_in_it() -> None:
    assert isinstance(PatchAge(), Wider)
    assert isinstance(PatchAge(), Timed)
    assert not isinstance(Laps(), Wider)
    assert not isinstance(Laps(), Timed)
