from __future__ import annotations

import pytest

from sekisho.audit.baseline import LEAST, MOST
from sekisho.audit.changes.peers import PeerDay, peers_changed

TODAY = 19_800


def days(*peers: str) -> list[int]:
    """Places of the days that differ; each argument is a day, a letter a peer."""
    series = [PeerDay(TODAY + n, frozenset(some)) for n, some in enumerate(peers)]
    return [day.day - TODAY for day, _ in peers_changed(series)]


@pytest.mark.parametrize(
    ("before", "now", "seen"),
    [
        (["a"] * 20, "b", True),
        (["a"] * 20, "a", False),
        (["ab"] * 20, "abc", True),
        ([*["a"] * 20, "ax"], "ab", False),  # not settled: a peer of one day alone
        (["a"] * (LEAST - 1), "b", False),  # too little to say
        ([chr(97 + n % 20) for n in range(60)], "A", False),  # no habit
        ([chr(97 + n % 20) for n in range(60)], "ABCDEF", True),  # and yet far more
        (["abcd" if n % 2 else "efgh" for n in range(20)], "abcdefgh", False),
    ],
)
def test_a_new_peer_against_a_habit_or_far_more_of_them(
    before: list[str], now: str, seen: bool
) -> None:
    assert (len(before) in days(*before, now)) is seen


def test_what_lasts_becomes_usual_and_what_is_long_ago_is_forgotten() -> None:
    assert days(*["a"] * 20, *["b"] * 30) == [20]
    assert days(*["a"] * 20, *["b"] * (MOST + 5), "a")[-1] == 20 + MOST + 5


def test_the_words() -> None:
    series = [PeerDay(TODAY + n, frozenset({"10.1.0.7"})) for n in range(20)]
    ((day, text),) = peers_changed([*series, PeerDay(TODAY + 20, frozenset("abcde"))])
    assert day.day == TODAY + 20
    assert text == (
        f"with a, b, c and 2 more on {day.date}; on 20 active days before only with the same peer"
    )
