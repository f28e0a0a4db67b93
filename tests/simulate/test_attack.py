"""Scripts: flows in order, hops noted, pauses as recorded campaigns have them."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.attack import Script
from sekisho.simulate.base import DAY, HOUR, MINUTE
from sekisho.simulate.flows import REJ, S0


@pytest.fixture
def script(company, calendar, labels):
    return Script(company, calendar, np.random.default_rng(5), labels)


def test_pauses(script):
    hours = np.array([script.gap() for _ in range(2000)]) / HOUR
    assert 9 < np.median(hours) < 11.5
    assert hours.min() >= 0.3
    assert hours.max() <= 53


def test_flows_come_in_order_and_inside_the_calendar(script, calendar):
    script.sessions("late", 1, 2, 445, [calendar.end + 5], 1, 1, 1)
    script.sessions("two", 1, 2, 445, [calendar.at(3), calendar.at(2)], 60, 1000, 2000)
    flows = script.flows()
    assert flows["start"].tolist() == [calendar.at(2), calendar.at(3)]
    assert script.labels.names[flows["label"][0]] == "two"


def test_probes_have_no_answer(script, calendar):
    script.probe("scan", 1, list(range(2, 42)), 3389, calendar.at(1))
    flows = script.flows()
    assert set(flows["dst"].tolist()) == set(range(2, 42))
    assert set(flows["state"].tolist()) == {S0, REJ}
    assert len(flows) > 40


def test_transfers_move_about_what_is_asked(script, calendar):
    script.transfer("out", 1, 2, 443, [calendar.at(1) + k * HOUR for k in range(60)], 6e8, 1e6)
    assert script.flows()["out"].sum() == pytest.approx(6e8, rel=0.25)


def test_beacons_keep_their_period(script, calendar):
    script.beacon("home", 1, 2, 443, calendar.at(1), calendar.at(2), 30 * MINUTE)
    gaps = np.diff(script.flows()["start"])
    assert len(gaps) == 47
    assert abs(np.median(gaps) - 30 * MINUTE) < 4 * MINUTE


def test_nights_are_nights_there(script, calendar, company):
    site = company.site("us-plant")
    times = script.nights(site, calendar.begin, calendar.end, 2)
    local = [(t + calendar.offset(site, t)) % DAY / HOUR for t in times]
    assert len(times) >= 18
    assert all(1 <= hour < 5 for hour in local)


def test_hops_name_a_technique(script, calendar):
    script.hop(1, 2, 3389, calendar.at(1))
    script.hop(1, 2, 443, calendar.at(1), "T1071.001", reverse=True)
    assert [(h.technique, h.kind) for h in script.hops] == [
        ("T1021.001", "connect"),
        ("T1071.001", "reverse"),
    ]
