"""Who sees what, when by its own clock, and what an outage takes away."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.base import HOUR, Dice
from sekisho.simulate.flows import SF, blank
from sekisho.simulate.sensors import Outage, Probe, latency, observe, place_sensors


def flow(company, src, dst, start=10 * HOUR, duration=1000):
    flows = blank(1)
    flows["src"], flows["dst"], flows["start"], flows["duration"] = src, dst, start, duration
    flows["proto"], flows["state"] = 6, SF
    return flows


def seen(company, probe, flows):
    return observe(probe, flows, company.where(), np.random.default_rng(1))


def test_the_border_sees_what_crosses_it_and_the_inside_what_does_not(company):
    edge, inside = Probe("e", 0, "zeek-tsv"), Probe("i", 0, "zeek-tsv", sees=("inside",))
    here, also, away = (company.host(n) for n in ("jp-hq-dns01", "jp-hq-app01", "th-plant-app01"))
    outside, cast = company.host("internet0"), company.host("jp-hq-bc")
    wanted = [
        (here, away, 1, 0),
        (away, here, 1, 0),
        (here, outside, 1, 0),
        (here, also, 0, 1),
        (here, cast, 1, 1),
    ]
    for src, dst, at_edge, in_side in wanted:
        flows = flow(company, src, dst)
        assert (len(seen(company, edge, flows)[0]), len(seen(company, inside, flows)[0])) == (
            at_edge,
            in_side,
        )
    elsewhere = flow(company, company.host("ph-plant-app01"), away)
    assert len(seen(company, edge, elsewhere)[0]) == 0


def test_routers_do_not_export_broadcast(company):
    flows = flow(company, company.host("jp-hq-dns01"), company.host("jp-hq-bc"))
    assert len(seen(company, Probe("r", 0, "nfdump-csv"), flows)[0]) == 0


@pytest.mark.parametrize(
    ("start", "duration", "kept"), [(9, 1, 1), (9, 2, 0), (10, 1, 0), (12, 1, 1), (5, 20, 0)]
)
def test_what_touches_an_outage_is_lost(company, start, duration, kept):
    probe = Probe("e", 0, "zeek-tsv", outages=(Outage(10 * HOUR + 1, 12 * HOUR, crash=False),))
    flows = flow(
        company, company.host("jp-hq-dns01"), company.host("internet0"), start * HOUR, duration * HOUR
    )
    assert len(seen(company, probe, flows)[0]) == kept


def test_clocks_are_off_by_their_offset_and_the_way(company):
    src, dst = company.host("th-plant-app01"), company.host("jp-hq-app01")
    flows = flow(company, src, dst)
    near = seen(company, Probe("e", company.site("th-plant"), "zeek-tsv", offset=5_000_000), flows)[1]
    far = seen(company, Probe("e", 0, "zeek-tsv", offset=-7_000_000), flows)[1]
    assert abs(near[0] - flows["start"][0] - 5_000_000) < 2000
    way = latency(np.array([company.site("th-plant")]), np.array([0]))[0]
    assert abs(far[0] - flows["start"][0] + 7_000_000 - way) < 2000


def test_the_companys_sensors(company, calendar):
    probes = place_sensors(company, calendar, Dice((1,)))
    edges = [p.site for p in probes if "edge" in p.sees]
    assert len(set(edges)) == len(edges) == len(company.places) - 1
    assert {p.format for p in probes} == {"zeek-tsv", "zeek-json", "nfdump-csv"}
    assert {p.kind for p in probes} == {"zeek", "netflow"}
    assert 3 <= sum(bool(p.outages) for p in probes) <= 6
    for outage in (o for p in probes for o in p.outages):
        assert calendar.begin < outage.begin < outage.end < calendar.end
