"""People's traffic between sites is permitted by its own rules."""

from __future__ import annotations

import pytest

from sekisho.simulate.benign.people import theme
from sekisho.simulate.flows import join


@pytest.fixture
def life(live):
    return live(theme)


def test_the_web_is_outside(life, company):
    assert set(company.sites()[join([life[0]["web"]])["dst"]].tolist()) == {-1}
    assert set(company.sites()[life[0]["mail-in"]["src"]].tolist()) == {-1}
