"""Every outcome and every doubt, and that neither order nor repetition matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contain.conftest import NOW

from sekisho.contain.probing.judging import Attempt, Doubt, Judged, judged, words
from sekisho.model.probes import Trial

MINUTE = timedelta(minutes=1)
WAY = "th", "jp"
TRIAL = Trial("tls", "10.1.20.5", 443)
BASE = Attempt(
    WAY, 1, "th-pc", TRIAL, NOW - 9 * MINUTE, NOW + 6 * MINUTE, NOW, NOW - 8 * MINUTE, control=True
)
BEFORE = replace(BASE, came="HTTP 200")
AFTER = replace(BASE, asked=NOW + MINUTE, until=NOW + 16 * MINUTE, answered=NOW + 2 * MINUTE)


def one(*attempts: Attempt, at: timedelta = 5 * MINUTE) -> Judged:
    return judged([WAY], attempts, NOW + at)[WAY]


def test_an_answer_since_the_cut_is_reached_whatever_else() -> None:
    found = one(BEFORE, replace(AFTER, came="HTTP 200", control=False), replace(AFTER, node=2))
    assert (found.outcome, found.doubt) == ("reached", None)
    assert words(found) == "th-pc asked 10.1.20.5:443 since, and HTTP 200 came back"


def test_no_answer_since_counts_with_one_before_and_a_control() -> None:
    found = one(BEFORE, AFTER)
    assert (found.outcome, found.attempt, found.before) == ("not_reached", AFTER, BEFORE.answered)


DOUBTS: list[tuple[Doubt, tuple[Attempt, ...]]] = [
    ("untried", ()),
    ("not_held", (replace(BEFORE, since=None),)),
    ("too_early", (BEFORE,)),
    ("too_early", (replace(BEFORE, answered=NOW + MINUTE),)),
    ("waits", (BEFORE, replace(AFTER, answered=None, control=False))),
    ("no_answer", (BEFORE, replace(AFTER, answered=None, until=NOW + 4 * MINUTE))),
    ("failed", (BEFORE, replace(AFTER, failed="no such table: curl", control=False))),
    ("exempt", (BEFORE, replace(AFTER, came="HTTP 200", exempt=True))),
    ("no_control", (BEFORE, replace(AFTER, control=None))),
    ("control_failed", (BEFORE, replace(AFTER, control=False))),
    ("never_before", (AFTER,)),
    ("never_before", (replace(BEFORE, came=""), AFTER)),
    ("never_before", (replace(BEFORE, node=2), AFTER)),
]


@pytest.mark.parametrize(("doubt", "attempts"), DOUBTS)
def test_else_nothing_is_known_and_why(doubt: Doubt, attempts: tuple[Attempt, ...]) -> None:
    found = one(*attempts)
    assert (found.outcome, found.doubt) == ("not_known", doubt)
    assert len(words(found)) > 10


def test_every_doubt_occurs() -> None:
    assert {doubt for doubt, _ in DOUBTS} == set(get_args(Doubt))
    assert len({words(one(*attempts)) for _, attempts in DOUBTS}) >= len(get_args(Doubt))


def test_the_reason_that_nobody_was_asked_is_told() -> None:
    assert words(one(), "no terminal of th was heard") == "no terminal of th was heard"


def test_what_is_cut_since_another_time_is_judged_by_that() -> None:
    again = replace(AFTER, since=NOW + 9 * MINUTE), replace(BEFORE, since=NOW + 9 * MINUTE)
    assert one(*again).doubt == "too_early"


def attempts() -> st.SearchStrategy[Attempt]:
    minutes = st.integers(-9, 9).map(lambda n: NOW + n * MINUTE)
    fields: dict[str, Any] = {
        "way": st.sampled_from([WAY, ("jp", "th")]),
        "node": st.integers(1, 2),
        "trial": st.sampled_from([TRIAL, replace(TRIAL, port=80)]),
        "asked": minutes,
        "since": st.sampled_from([None, NOW]),
        "answered": st.none() | minutes,
        "came": st.sampled_from(["", "HTTP 200"]),
        "failed": st.sampled_from(["", "broken"]),
        "control": st.sampled_from([None, True, False]),
        "exempt": st.booleans(),
    }
    return st.builds(lambda **values: replace(BASE, **values), **fields)


@given(st.lists(attempts(), max_size=6), st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(found: list[Attempt], shuffle: Any) -> None:
    ways = [WAY, ("jp", "th"), ("us", "th")]
    first = judged(ways, found, NOW)
    assert list(first) == ways, "exactly one for each"
    again = found + found[: len(found) // 2]
    shuffle.shuffle(again)
    assert judged(reversed(ways), again, NOW) == first
    for way, answer in first.items():
        crossed = any(one.way == way and one.crossed for one in found)
        assert (answer.outcome == "reached") == crossed
        if answer.outcome == "not_reached":
            assert answer.attempt is not None
            assert answer.attempt.after
            assert answer.attempt.control
            assert answer.before is not None
            assert answer.before < NOW
