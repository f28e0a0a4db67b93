"""What counts as found, and the files of the truth."""

from __future__ import annotations

import pytest

from sekisho.simulate.flows import S0, SF, blank, count_packets
from sekisho.simulate.register import Register
from sekisho.simulate.sensors import Probe
from sekisho.simulate.truth import Found, Truth


@pytest.fixture
def truth(company):
    return Truth(company, Register(company, []), ["", "one", "two"])


def flows(company, src, dst, states, label=1):
    out = blank(len(states))
    out["src"], out["dst"] = company.host(src), company.host(dst)
    out["proto"], out["dport"], out["sport"], out["label"] = 6, 445, 50_002, label
    out["start"], out["state"], out["out"] = (
        [1_000_000 * (k + 1) + 7 for k in range(len(states))],
        states,
        500,
    )
    count_packets(out)
    return out


def take(truth, some, form="zeek-tsv", rows=None):
    probe = Probe("s", 0, form)
    rows = list(range(len(some))) if rows is None else rows
    import numpy as np

    picked = np.array(rows, dtype=np.int64)
    truth.take(some, {"s": (picked, some["start"][picked] + 3)}, [probe])


@pytest.mark.parametrize(("states", "verdict"), [([S0, S0], "attempted"), ([S0, SF], "unauthorized")])
def test_the_worst_flow_decides(truth, company, states, verdict):
    take(truth, flows(company, "th-plant-app01", "jp-hq-app01", states))
    ((_, found),) = truth.recorded()
    assert (found.verdict, found.flows, found.first, found.seen) == (
        verdict,
        2,
        1_000_007,
        {"s": [1_000_010, 2]},
    )


def test_netflow_writes_whole_seconds(truth, company):
    take(truth, flows(company, "th-plant-app01", "jp-hq-app01", [SF]), "nfdump-csv")
    assert truth.recorded()[0][1].seen == {"s": [1_000_000, 1]}


@pytest.mark.parametrize(("src", "dst"), [("jp-hq-app01", "jp-hq-dns01"), ("jp-hq-app01", "internet0")])
def test_life_inside_a_site_and_with_the_internet_is_no_finding(truth, company, src, dst):
    take(truth, flows(company, src, dst, [SF]))
    assert truth.recorded() == []


def test_an_address_of_no_site_is_unmapped_whatever_happened(truth, company):
    take(truth, flows(company, "stray-vendor-box", "jp-hq-dns01", [SF]))
    assert truth.recorded()[0][1].verdict == "unmapped"


def test_what_nobody_recorded_is_not_asked_for(truth, company):
    take(truth, flows(company, "th-plant-app01", "jp-hq-app01", [SF]), rows=[])
    assert truth.recorded() == []
    assert next(iter(truth.found.values())).unrecorded == 1


def test_much_one_way_counts_as_established():
    assert Found(outcome="unauthorized", silent={1: 4095, 2: 4095}).verdict == "attempted"
    assert Found(outcome="unauthorized", silent={1: 4096}).verdict == "unauthorized"


def test_unlabelled_flows_are_nobodys_business(truth, company):
    take(truth, flows(company, "th-plant-app01", "jp-hq-app01", [SF], label=0))
    assert truth.found == {}


def test_the_files(world):
    made = world("kawasaki")
    assert made.facts()["scenario"] == "kawasaki"
    assert made.facts()["exfiltration_bytes"] > 10**8
    assert {o["sensor"] for o in made.truth("outages")} <= set(made.sensors())
    assert {o["sensor"] for o in made.truth("clock_offsets")} == set(made.sensors())
    hops = made.truth("hops")
    assert [int(h["order"]) for h in hops] == list(range(1, len(hops) + 1))
    assert [h["at"] for h in hops] == sorted(h["at"] for h in hops)
    assert {h["kind"] for h in hops} == {"connect", "reverse"}
    assert {h["recorded"] for h in hops} == {"1"}
