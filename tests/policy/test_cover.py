from __future__ import annotations

from collections.abc import Callable

import pytest

from sekisho.model.validity import ALWAYS
from sekisho.policy.compile import CompiledPolicy
from sekisho.policy.cover import RuleCover


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        ("th/* -> jp/* : any", "th/edi -> jp/edi : tcp/8443", True),
        ("th/* -> jp/* : tcp/8000-9000", "th/edi -> jp/edi : tcp/8443", True),
        ("th/* -> jp/* : udp/8000-9000", "th/edi -> jp/edi : tcp/8443", False),
        ("th/* -> jp/edi : any", "th/edi -> jp/db : any", False),
        ("* -> * : any", "th/edi -> asset:jp-files01 : smb", True),
        ("* -> * : any", "th/edi -> internet : https", False),
        ("th/* -> jp/* : any", "10.40.7.0/24 -> 10.1.0.0/17 : any", True),
        ("10.40.0.0/17 -> jp/* : any", "th/* -> jp/* : any", False),
        ("jp/* -> lab/* : any", "10.1.7.0/24 -> acq:10.1.7.0/24 : any", True),
        ("jp/* -> jp/* : any", "10.1.7.0/24 -> acq:10.1.7.0/24 : any", False),
    ],
)
def test_a_rule_covers_what_it_permits_at_least(
    register: Callable[[str], CompiledPolicy], wide: str, narrow: str, covered: bool
) -> None:
    judge = register(f"connections: [{{id: W, allow: '{wide}'}}, {{id: N, allow: '{narrow}'}}]")
    wider, rule = judge.policy.rules
    assert RuleCover(judge).covers(wider, rule) is covered
    assert RuleCover(judge).covers(rule, rule)


def test_a_rule_that_ended_or_is_only_proposed_covers_nothing_later(
    register: Callable[[str], CompiledPolicy],
) -> None:
    judge = register(
        """
connections:
  - {id: ENDED, allow: "th/* -> jp/* : any", expires: 2020-06-30}
  - {id: LONGER, allow: "th/edi -> jp/edi : any"}
  - {id: INSIDE, allow: "th/edi -> jp/edi : any", from: 2020-01-01, expires: 2020-06-30}
  - {id: MAYBE, allow: "* -> * : any", state: proposed}
"""
    )
    ended, longer, inside, maybe = judge.policy.rules
    cover = RuleCover(judge)
    assert cover.covers(ended, inside)
    assert not cover.covers(ended, longer)
    assert not cover.covers(maybe, longer)


def test_what_means_an_address_at_some_time(register: Callable[[str], CompiledPolicy]) -> None:
    judge = register(
        """
connections:
  - {id: OLD, allow: "th/old -> jp/* : any", from: 2020-01-01}
  - {id: NEW, allow: "10.41.0.0/16 -> asset:jp-files01 : any", expires: 2020-05-31}
"""
    )
    cover = RuleCover(judge)
    old, new = judge.policy.rules
    assert not cover.means_anything(old.sources[0], old.validity)
    assert cover.means_anything(old.sources[0], ALWAYS)
    assert cover.means_anything(old.destinations[0], old.validity)
    # A prefix rule means its addresses whether or not they are of a site by then.
    assert cover.means_anything(new.destinations[0], new.validity)
