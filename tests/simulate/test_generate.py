"""Stretches cover the period; their flows are in order, inside it, and about as many as wanted."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sekisho.simulate.base import DAY, Dice
from sekisho.simulate.benign.base import Calls, Service
from sekisho.simulate.flows import EMPTY, blank
from sekisho.simulate.generate import AT_ONCE, Life


def life(company, calendar, target, scripted=EMPTY):
    src, dst = company.of("jp-hq/clients"), company.of("internet")
    calls = Calls("web", 1.0, src, dst, (Service(6, 443, "ssl"),), "always", cross=True)
    return Life(calendar, company.where(), [calls], scripted, target, Dice((1,)))


@pytest.mark.parametrize(("target", "parts"), [(1000, 1), (20 * AT_ONCE, 2), (50 * AT_ONCE, 6)])
def test_large_days_are_cut_in_equal_parts(company, calendar, target, parts):
    stretches = list(life(company, calendar, target).stretches())
    assert len(stretches) == 10 * parts
    assert all(a.end == b.begin for a, b in pairwise(stretches))
    assert (stretches[0].begin, stretches[-1].end) == (calendar.begin, calendar.end)


def test_flows_are_as_many_as_asked_and_inside(company, calendar):
    script = blank(1)
    script["start"], script["label"], script["duration"] = calendar.begin + 3 * DAY + 5, 9, 100 * DAY
    whole = life(company, calendar, 5000, script)
    flows = [whole.flows(s) for s in whole.stretches()]
    assert abs(sum(len(f) for f in flows) - 5001) < 30
    for part, stretch in zip(flows, whole.stretches(), strict=True):
        assert (np.diff(part["start"]) >= 0).all()
        assert (part["start"] >= stretch.begin).all()
        assert (part["start"] + part["duration"] < calendar.end).all()
    assert [int((f["label"] == 9).sum()) for f in flows] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
