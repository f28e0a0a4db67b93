"""Prefixes in equal parts, rules between different sites, connections along them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sekisho.simulate.volume_company import (
    FIRST_AUDIT,
    IN_USE,
    SERVICES,
    connections,
    prefix_text,
    volume_company,
    volume_policy_text,
    volume_sites_text,
)


@pytest.fixture
def made():
    return volume_company(1000, 120, date(2020, 5, 25), 7, np.random.default_rng(1))


def test_every_prefix_belongs_to_one_site(made):
    spans = [made.span(np.array(s)) for s in range(made.sites)]
    numbers = [n for first, size in spans for n in range(int(first), int(first + size))]
    assert numbers == list(range(1000))
    assert len({prefix_text(n) for n in numbers}) == 1000


def test_rules_cross_sites_and_differ(made):
    assert len(made.rules) == 120
    for rule in made.rules:
        most = 1000 if rule.narrow else made.sites
        assert rule.src * made.sites // most != rule.dst * made.sites // most
    assert sum(rule.expires is not None for rule in made.rules) == 1
    assert volume_policy_text(made).count("allow:") == 120
    assert volume_sites_text(made, ["v"], "zeek").count("/24") == 1000


def test_a_register_that_nobody_kept_has_more_that_ends():
    made = volume_company(1000, 120, date(2020, 5, 25), 7, np.random.default_rng(1), FIRST_AUDIT)
    assert sum(rule.expires is not None for rule in made.rules) == 6


@pytest.mark.parametrize("mix", [IN_USE, FIRST_AUDIT])
def test_most_connections_follow_a_rule(made, mix):
    some = connections(made, 4000, np.random.default_rng(2), mix)
    allowed = 0
    for src, dst, service in zip(
        some.src.tolist(), some.dst.tolist(), some.service.tolist(), strict=True
    ):
        if dst >> 24 != 10:
            continue
        ends = [(n & 0xFFFFFF) >> 8 for n in (src, dst)]
        sites = [n * made.sites // 1000 for n in ends]
        allowed += any(
            r.service == service and [r.src, r.dst] == (ends if r.narrow else sites) for r in made.rules
        )
    assert abs(allowed / 4000 - (0.96 - mix.strays)) < 0.015


def test_no_rules_at_all_is_possible():
    bare = volume_company(10, 0, date(2020, 5, 25), 7, np.random.default_rng(1))
    some = connections(bare, 50, np.random.default_rng(2))
    assert set(some.service.tolist()) <= set(range(len(SERVICES)))
