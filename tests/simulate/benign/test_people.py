"""People's traffic between sites is permitted by its own rules."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.benign.base import Stretch
from sekisho.simulate.benign.people import theme
from sekisho.simulate.flows import join
from sekisho.simulate.register import Register


@pytest.fixture
def life(company, calendar):
    activities, permits = theme(company)
    stretch = Stretch(calendar, calendar.begin, calendar.end, company.where())
    rng = np.random.default_rng(1)
    return {a.name: a.draw(rng, stretch, 300) for a in activities}, Register(company, permits)


def test_all_of_it_happens_and_what_crosses_sites_is_permitted_here(life, company):
    drawn, register = life
    assert all(len(flows) for flows in drawn.values())
    sites = company.sites()
    for name, flows in drawn.items():
        for flow in flows:
            ends = sites[flow["src"]], sites[flow["dst"]]
            if min(ends) < 0 or ends[0] == ends[1]:
                continue
            key = (int(flow["src"]), int(flow["dst"]), int(flow["proto"]), int(flow["dport"]))
            assert register.judge(*key, int(flow["start"])) == "authorized", name


def test_the_web_is_outside(life, company):
    assert set(company.sites()[join([life[0]["web"]])["dst"]].tolist()) == {-1}
    assert set(company.sites()[life[0]["mail-in"]["src"]].tolist()) == {-1}
