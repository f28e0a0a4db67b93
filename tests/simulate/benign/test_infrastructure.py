"""Name service, directory and time are permitted by their own rules."""

from __future__ import annotations

import pytest

from sekisho.simulate.benign.infrastructure import theme
from sekisho.simulate.flows import join


@pytest.fixture
def life(live):
    return live(theme)


def test_both_families_ask_for_names(life, company):
    v6 = company.v6()
    assert v6[life[0]["dns-forward6"]["src"]].all()
    assert not v6[life[0]["dns-forward"]["src"]].any()
    assert len(join(list(life[0].values()))) > 1000
