"""Business between sites is permitted by its own rules."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.benign.business import theme
from sekisho.simulate.flows import join


@pytest.fixture
def life(live):
    return live(theme)


def test_orders_come_three_times_a_working_day(life):
    flows = join([life[0]["orders"]])
    per_pair = np.unique(flows["src"], return_counts=True)[1]
    assert ((per_pair >= 22) & (per_pair <= 28)).all()
