"""Name service, directory and time are permitted by their own rules."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.benign.base import Stretch
from sekisho.simulate.benign.infrastructure import theme
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


def test_both_families_ask_for_names(life, company):
    v6 = company.v6()
    assert v6[life[0]["dns-forward6"]["src"]].all()
    assert not v6[life[0]["dns-forward"]["src"]].any()
    assert len(join(list(life[0].values()))) > 1000
