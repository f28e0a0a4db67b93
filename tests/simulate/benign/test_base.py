"""Kinds of activity: how many, when, between whom, and how they end."""

from __future__ import annotations

import numpy as np
import pytest

from sekisho.simulate.base import DAY, HOUR, MINUTE, SECOND
from sekisho.simulate.benign import business, infrastructure, operations, people, surroundings
from sekisho.simulate.benign.base import (
    Calls,
    Polls,
    Rounds,
    Service,
    Stretch,
    dress,
    one_each,
    pairs,
    spread,
)
from sekisho.simulate.flows import APP, OTH, REJ, S0, SF, blank

WEB = (Service(6, 443, "ssl", 1000, 9000, 5),)


@pytest.fixture
def stretches(calendar, company):
    return [
        Stretch(
            calendar,
            calendar.begin + k * 6 * HOUR,
            calendar.begin + (k + 1) * 6 * HOUR,
            company.where(),
        )
        for k in range(40)
    ]


def everything(activity, stretches, total=4000):
    rng = np.random.default_rng(1)
    parts = [activity.draw(rng, s, total) for s in stretches]
    for part, stretch in zip(parts, stretches, strict=True):
        assert ((part["start"] >= stretch.begin) & (part["start"] < stretch.end)).all()
    return np.concatenate(parts)


def test_calls_are_as_many_as_wanted_between_the_pairs_given(company, stretches):
    src, dst = pairs(company.of("jp-hq/clients"), company.of("jp-dc/erp"))
    flows = everything(Calls("x", 1, src, dst, WEB), stretches)
    assert abs(len(flows) - 4000) < 60
    assert set(zip(flows["src"].tolist(), flows["dst"].tolist(), strict=True)) <= set(
        zip(src.tolist(), dst.tolist(), strict=True)
    )
    assert {(6, 443)} == set(zip(flows["proto"].tolist(), flows["dport"].tolist(), strict=True))


def test_crossing_calls_have_popular_ends(company, stretches):
    flows = everything(
        Calls("x", 1, company.of("jp-hq/clients"), company.of("internet"), WEB, cross=True), stretches
    )
    counts = np.bincount(flows["dst"], minlength=len(company.hosts))[company.of("internet")]
    assert counts[:10].sum() > 5 * counts[-10:].sum()


def test_windows_bound_and_nobody_makes_nothing(company, calendar, stretches):
    src, dst = pairs(company.of("jp-hq/clients"), company.of("jp-dc/erp"))
    window = (calendar.at(2), calendar.at(4))
    flows = everything(Calls("x", 1, src, dst, WEB, window=window), stretches)
    assert window[0] <= flows["start"].min() <= flows["start"].max() < window[1]
    assert len(everything(Calls("x", 1, src[:0], dst[:0], WEB), stretches)) == 0
    assert len(everything(Polls("x", 1, src[:0], dst[:0], WEB), stretches)) == 0


def test_polls_keep_their_period_over_the_seams(company, stretches):
    src, dst = company.of("jp-dc/monitoring")[:1], company.of("jp-hq/dns")[:1]
    flows = everything(Polls("x", 1, src, dst, WEB, jitter=2 * SECOND, every=25 * MINUTE), stretches)
    gaps = np.diff(np.sort(flows["start"]))
    assert len(flows) in (576, 577)
    assert np.abs(gaps - 25 * MINUTE).max() <= 2 * SECOND


def test_rounds_come_once_a_day_at_local_hours(company, calendar, stretches):
    src, dst = one_each(company.of("us-plant/backup", "jp-hq/backup"), company.of("jp-dc/backup"))
    flows = everything(Rounds("x", src, dst, WEB, (1.0,), (0, 1, 2, 3, 4)), stretches)
    for row, site in zip(src.tolist(), ("us-plant", "jp-hq"), strict=True):
        local = flows["start"][flows["src"] == row] + calendar.offset(
            company.site(site), calendar.begin
        )
        assert len(local) in (7, 8)
        assert (((local // DAY) + 3) % 7 < 5).all()
        assert ((local % DAY >= HOUR) & (local % DAY < HOUR + 26 * MINUTE)).all()


@pytest.mark.parametrize(
    ("service", "trouble", "state"),
    [
        (Service(17, 514, "syslog", 100, 0), {SF: 1.0}, S0),
        (Service(17, 53, "dns", 40, 90), {REJ: 1.0}, SF),
        (Service(1, 0, "-", 56, 56), {SF: 1.0}, OTH),
        (Service(6, 445, "rdp", 1, 1), {REJ: 1.0}, REJ),
    ],
)
def test_outcomes_fit_the_protocol(service, trouble, state):
    flows = blank(50)
    dress(np.random.default_rng(1), flows, (service,), trouble)
    assert set(flows["state"].tolist()) == {state}
    if state in (S0, REJ):
        assert set(flows["app"].tolist()) == {APP["-"]}


def test_ping_has_its_type_as_port():
    for proto, kind in ((1, 8), (58, 128)):
        flows = blank(3)
        dress(np.random.default_rng(1), flows, (Service(proto, 0, "-", 56, 56),), {SF: 1.0})
        assert set(flows["sport"].tolist()) == {kind}
        assert set(flows["dport"].tolist()) == {0}


def test_times_follow_the_intensity():
    levels = np.zeros((2, 4))
    levels[0, 1], levels[1, 3] = 5.0, 0.1
    sites = np.array([0] * 50 + [1] * 50)
    at = spread(np.random.default_rng(1), levels, sites, 0) // (15 * MINUTE)
    assert set(at[:50].tolist()) == {1}
    assert set(at[50:].tolist()) == {3}


def test_pairing():
    one, two = np.array([1, 2]), np.array([7, 8, 9])
    assert [a.tolist() for a in pairs(one, two)] == [[1, 1, 1, 2, 2, 2], [7, 8, 9, 7, 8, 9]]
    assert [a.tolist() for a in one_each(two, one)] == [[7, 8, 9], [1, 2, 1]]
    assert [len(a) for a in one_each(two, one[:0])] == [0, 0]


@pytest.mark.parametrize("theme", [business, infrastructure, operations, people, surroundings])
def test_all_of_it_happens_and_what_crosses_sites_is_permitted_by_its_own_rules(live, company, theme):
    drawn, register = live(theme.theme)
    assert all(len(flows) for flows in drawn.values())
    sites = company.sites()
    for name, flows in drawn.items():
        for flow in flows:
            ends = sites[flow["src"]], sites[flow["dst"]]
            if min(ends) < 0 or ends[0] == ends[1]:
                continue
            key = (int(flow["src"]), int(flow["dst"]), int(flow["proto"]), int(flow["dport"]))
            assert register.judge(*key, int(flow["start"])) == "authorized", name
