"""Gaps, sessions that overlap, and bytes that go in and out."""

from itertools import pairwise

import pytest

from sekisho.investigate.factors.timing import adjacent, bridge, bulk, gap, onward, overlap, relay
from sekisho.investigate.moments import HOUR
from sekisho.investigate.talks import Bulk, Talk, Talks

MINUTE = HOUR // 60


def talk(start: int, minutes: int, sent: int = 50_000, received: int = 400_000) -> Talk:
    return Talk(start, start + minutes * MINUTE, sent, received, "edge")


def test_a_gap_weighs_less_and_less_and_never_drops() -> None:
    hours = [0, 1, 6, 10, 24, 53, 72, 100, 720, 8_760]
    values = [gap(0, h * HOUR, arrived=True).value for h in hours]
    assert all(one > other for one, other in pairwise(values))
    assert all(one - other < 1.1 for one, other in pairwise(values))
    assert values[hours.index(72)] > -0.5
    assert gap(None, 5, arrived=False).value == 0


def test_of_late_steps_tenfold_waits_are_as_likely_as_each_other() -> None:
    late, later = (gap(0, days * 24 * HOUR, arrived=True).value for days in (7, 70))
    assert late - later == pytest.approx(1.0, abs=0.02)
    soon, day = (gap(0, hours * HOUR, arrived=True).value for hours in (2.4, 24))
    assert soon - day < 0.6


def test_before_control_came_is_unlikely_but_clocks_may_differ() -> None:
    assert gap(10 * HOUR, 5 * HOUR, arrived=True).value < -0.7
    assert gap(10 * HOUR, 10 * HOUR - 5 * MINUTE, arrived=True).value > 0.3


def test_an_open_session_into_the_source_counts_once() -> None:
    talks = Talks({1: (talk(0, 60),), 2: (talk(0, 60),)})
    assert len(list(overlap(talks, [1, 2], 30 * MINUTE))) == 1
    assert list(overlap(talks, [1, 2], 90 * MINUTE)) == []


def test_a_relay_needs_the_same_bytes_in_the_same_time() -> None:
    out = talk(MINUTE, 58, 48_000, 410_000)
    assert [w.id for w in relay(Talks({1: (talk(0, 60),)}), [1], out)] == ["relay"]
    assert [w.id for w in relay(Talks({1: (talk(0, 60, 410_000, 48_000),)}), [1], out)] == ["relay"]
    assert list(relay(Talks({1: (talk(0, 60, 5_000, 9_000_000),)}), [1], out)) == []
    assert list(relay(Talks({1: (talk(200 * MINUTE, 60),)}), [1], out)) == []


def test_what_is_used_all_day_is_beside_a_step_by_chance() -> None:
    assert [w.value > 0.8 for w in adjacent(0.05, 5 * MINUTE, [0])] == [True]
    assert list(adjacent(6.0, 5 * MINUTE, [0])) == []
    assert list(adjacent(0.05, 5 * HOUR, [0])) == []
    assert list(adjacent(0.05, 5 * HOUR, [])) == []


def test_what_a_destination_does_next_weighs_by_how_seldom_it_does_so() -> None:
    day = 24 * HOUR
    (seldom,) = onward(10 * HOUR, 0.1 / (30 * day))
    assert seldom.value == pytest.approx(1.2)
    (now_and_then,) = onward(10 * HOUR, 10 / (30 * day))
    assert 0 < now_and_then.value < seldom.value
    assert list(onward(10 * HOUR, 10 / day)) == []


def test_a_bridge_weighs_by_how_few_might_have_been_it() -> None:
    (alone,) = bridge(HOUR, 1, 1)
    assert alone.value == pytest.approx(1.2)
    (of_three,) = bridge(HOUR, 3, 1)
    assert [w.value for w in bridge(HOUR, 1, 3)] == [of_three.value]
    assert 0 < of_three.value < alone.value
    assert list(bridge(HOUR, 4, 4)) == []


def test_the_largest_of_many_sessions_is_seldom_so_by_chance() -> None:
    (often,) = bulk(Bulk(0, 70_000_000, 2_000_000, 20))
    (seldom,) = bulk(Bulk(0, 70_000_000, 2_000_000, 4))
    assert often.value > seldom.value > 0
    assert "70,000,000 bytes, and none of 20 sessions before more than 2,000,000" in often.text
