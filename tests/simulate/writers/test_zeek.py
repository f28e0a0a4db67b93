"""Zeek's view: histories fit states, and loss shows in the bytes seen but not in sequence numbers."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.flows import OTH, REJ, RSTO, RSTR, S0, S1, SF, blank, count_packets
from sekisho.simulate.writers.zeek import HISTORIES, records


def view(count, proto=6, state=SF, out=500, back=500):
    flows = blank(count)
    flows["proto"], flows["state"], flows["out"], flows["in"] = proto, state, out, back
    flows["sport"] = np.arange(count) + 50_000
    count_packets(flows)
    return records(flows, flows["start"], np.zeros(1, bool), np.random.default_rng(1))


@pytest.mark.parametrize(
    ("proto", "state", "begins", "holds"),
    [
        (6, SF, "ShAD", "fF"),
        (6, S0, "S", "S"),
        (6, REJ, "Sr", "r"),
        (6, RSTO, "ShAD", "R"),
        (6, RSTR, "ShAD", "r"),
        (6, S1, "ShAD", "da"),
        (17, SF, "Dd", "d"),
        (17, S0, "D", "D"),
        (1, OTH, "-", "-"),
    ],
)
def test_histories(proto, state, begins, holds):
    for row in view(30, proto, state, back=0 if (proto, state) == (17, S0) else 500):
        history = HISTORIES[row["history"]]
        assert history.startswith(begins)
        assert set(holds) <= set(history)


def test_loss_is_rare_and_adds_up():
    rows = view(6000, out=40_000, back=900_000)
    lost = rows[rows["missed"] > 0]
    assert 10 < len(lost) < 90
    assert all("g" in HISTORIES[row["history"]] for row in lost)
    normal = lost[lost["out"] < 10**9]
    seen = normal["oip"] + normal["iip"] - 40 * (normal["pout"] + normal["pin"])
    assert (seen + normal["missed"] == normal["out"] + normal["in"]).all()
    whole = rows[rows["missed"] == 0]
    assert (whole["oip"] == whole["out"] + 40 * whole["pout"]).all()


def test_small_ones_lose_nothing_and_lone_packets_are_unset():
    assert not view(3000)["missed"].any()
    assert view(1, 17, S0, 100, 0)["unset"].all()
    assert not view(1)["unset"].any()
