"""What keeps it running is permitted by its own rules."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.benign.operations import theme
from sekisho.simulate.flows import join


@pytest.fixture
def life(live):
    return live(theme)


def test_scanners_go_over_everything_and_mostly_get_nothing(life, company):
    flows = life[0]["scan"]
    assert len(set(flows["dst"].tolist())) > 0.8 * len(flows)
    assert np.isin(flows["state"], (1, 2)).mean() > 0.8
    assert len(set(flows["dport"].tolist())) > 10


def test_administrators_step_through_jump_hosts_while_their_session_lasts(life, company):
    flows = join([life[0]["jump"]])
    jump = set(company.of("jp-dc/jump").tolist())
    first = [f for f in flows if int(f["dst"]) in jump and int(f["src"]) not in jump]
    second = [f for f in flows if int(f["src"]) in jump]
    assert first
    assert second
    for step in second:
        assert any(
            f["dst"] == step["src"] and f["start"] < step["start"] <= f["start"] + f["duration"]
            for f in first
        )
