"""Broadcast and life inside a site need no permit."""

from __future__ import annotations

import pytest

from sekisho.simulate.benign.surroundings import theme
from sekisho.simulate.flows import join


@pytest.fixture
def life(live):
    return live(theme)


def test_nobody_answers_a_shout(life, company):
    flows = join([f for n, f in life[0].items() if not n.startswith("inside")])
    assert (flows["in"] == 0).all()
    assert set(company.where()[flows["dst"]].tolist()) == {-2}
    inside = join([f for n, f in life[0].items() if n.startswith("inside")])
    assert (company.sites()[inside["src"]] == company.sites()[inside["dst"]]).all()
