"""A theme of benign life, drawn."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.benign.base import Stretch
from sekisho.simulate.register import Register


@pytest.fixture
def live(company, calendar):
    """What a theme makes happen (flows by activity), and the register of its own rules."""

    def drawn(theme):
        activities, permits = theme(company)
        stretch = Stretch(calendar, calendar.begin, calendar.end, company.where())
        rng = np.random.default_rng(1)
        return {a.name: a.draw(rng, stretch, 300) for a in activities}, Register(company, permits)

    return drawn
