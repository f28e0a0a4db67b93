"""Broadcast and life inside a site need no permit."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.benign.base import Stretch
from sekisho.simulate.benign.surroundings import theme
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


def test_nobody_answers_a_shout(life, company):
    flows = join([f for n, f in life[0].items() if not n.startswith("inside")])
    assert (flows["in"] == 0).all()
    assert set(company.where()[flows["dst"]].tolist()) == {-2}
    inside = join([f for n, f in life[0].items() if n.startswith("inside")])
    assert (company.sites()[inside["src"]] == company.sites()[inside["dst"]]).all()
