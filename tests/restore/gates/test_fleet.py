from __future__ import annotations

import pytest
from tests.restore.conftest import Make

from sekisho.restore.base import Terminals
from sekisho.restore.gates.fleet import FleetGate


@pytest.mark.parametrize(
    ("fleet", "verdict", "why"),
    [
        (None, "unknown", "not known: no fleet"),
        ({"th": Terminals(5)}, "unknown", "not known of jp"),
        ({"th": Terminals(5), "jp": Terminals(0)}, "unknown", "not known of jp"),
        ({"th": Terminals(5, {"waiting": 2}), "jp": Terminals(5)}, "closed", "2 terminals are left"),
        ({"th": Terminals(5), "jp": Terminals(5)}, "open", "every terminal at both ends was checked"),
    ],
)
def test_only_a_fleet_that_was_checked_opens_it(
    subject: Make, fleet: dict[str, Terminals] | None, verdict: str, why: str
) -> None:
    answer = FleetGate().judge(subject(fleet=fleet))
    assert (answer.verdict, answer.why) == (verdict, why)


def test_each_site_shows_its_count(subject: Make) -> None:
    fleet = {"th": Terminals(5, {"waiting": 2}), "jp": Terminals(7)}
    assert FleetGate().judge(subject(fleet=fleet)).evidence == (
        "jp: 7 of 7 checked",
        "th: 3 of 5 checked; 2 waiting",
    )
