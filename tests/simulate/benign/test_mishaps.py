"""Mishaps are labelled, each one, and no rule of the company is good for them."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.benign.base import Stretch
from sekisho.simulate.benign.mishaps import theme
from sekisho.simulate.flows import join
from sekisho.simulate.register import Register


@pytest.fixture
def life(company, calendar, labels):
    activities, permits = theme(company, calendar, labels)
    stretch = Stretch(calendar, calendar.begin, calendar.end, company.where())
    rng = np.random.default_rng(1)
    return {a.name: a.draw(rng, stretch, 300) for a in activities}, Register(company, permits)


def test_each_mishap_has_a_label_and_happens(life, labels):
    drawn, _ = life
    for flows in drawn.values():
        assert len(flows)
        assert (flows["label"] > 0).all()
        assert labels.names[int(flows["label"][0])].startswith("benign: ")


def test_only_the_lapsed_permit_was_ever_good(life):
    drawn, register = life
    seen = {}
    for name, flows in drawn.items():
        for flow in join([flows]):
            key = (int(flow["src"]), int(flow["dst"]), int(flow["proto"]), int(flow["dport"]))
            seen.setdefault(name, set()).add(register.judge(*key, int(flow["start"])))
    assert seen.pop("lapsed-stock") == {"authorized", "lapsed"}
    assert all(outcomes == {"unauthorized"} for outcomes in seen.values())


def test_some_permits_are_never_used(life):
    assert {"UK-HQ-FTP", "US-HQ-REPORTS"} <= {p.id for p in life[1].permits}
