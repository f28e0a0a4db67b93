from __future__ import annotations

import pytest
from tests.restore.conftest import Make

from sekisho.restore.base import DONE, Fleet, Terminals
from sekisho.restore.gates.fleet import FleetGate

CLEAN = Terminals(5, {"checked_clean": 3, "checked_manually": 1, "excluded": 1, "offline": 0})


@pytest.mark.parametrize(
    ("fleet", "verdict", "why"),
    [
        (None, "unknown", "not known: no fleet"),
        (Fleet({}, "C-1"), "unknown", "not known: no fleet"),
        (Fleet({"th": CLEAN, "jp": CLEAN}), "unknown", "not known: no campaign of checks was begun"),
        (Fleet({"th": CLEAN}, "C-1"), "unknown", "not known of jp"),
        (
            Fleet({"th": CLEAN, "jp": Terminals(2, {"offline": 2})}, "C-1"),
            "closed",
            "2 terminals are left",
        ),
        (
            Fleet({"th": CLEAN, "jp": CLEAN, "": Terminals(3, {"never_enrolled": 3})}, "C-1"),
            "unknown",
            "not known of 3 terminals of no site",
        ),
        (
            Fleet({"th": CLEAN, "jp": CLEAN, "": CLEAN}, "C-1"),
            "open",
            "every terminal at both ends was checked",
        ),
    ],
)
def test_only_a_fleet_that_was_checked_opens_it(
    subject: Make, fleet: Fleet | None, verdict: str, why: str
) -> None:
    answer = FleetGate().judge(subject(fleet=fleet))
    assert (answer.verdict, answer.why) == (verdict, why)


@pytest.mark.parametrize("state", ["checked_findings", "check_failed", "in_progress", "rebuilt"])
def test_each_site_shows_its_count(subject: Make, state: str) -> None:
    assert state not in DONE
    fleet = Fleet({"th": Terminals(6, {**CLEAN.states, state: 1}), "jp": CLEAN}, "C-1 since 2026-03-01")
    answer = FleetGate().judge(subject(fleet=fleet))
    assert answer.verdict == "closed"
    assert answer.evidence == (
        "the campaign C-1 since 2026-03-01",
        "jp: 5 of 5 done, 1 of these excluded",
        f"th: 5 of 6 done, 1 of these excluded; 1 {state}",
    )
