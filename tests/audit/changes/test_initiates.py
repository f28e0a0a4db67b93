from __future__ import annotations

import numpy as np

from sekisho.audit.automation.ends import Ends
from sekisho.audit.changes.initiates import ANSWERED, Turned, turned

DAY = 86_400_000_000
SERVER, CLIENT, OTHER, OUTSIDE = range(4)


def told(*rows: tuple[int, int, int, bool], since: int = 0) -> list[Turned]:
    """(from, to, day of the first contact, whether by the clock)."""
    src, dst, first, clock = (np.array(column) for column in zip(*rows, strict=True))
    site = np.array([1, 2, 3, 0])
    ends = Ends(src, dst, site, (None, "a", "b", "c"), np.zeros(4, dtype=np.int64))
    crossing = site[src] != site[dst]
    return turned(ends, first * DAY, crossing, clock, since)


def test_a_server_that_only_answered_and_then_asks() -> None:
    rows = [(CLIENT, SERVER, 1, False), (OTHER, SERVER, 9, False)]
    assert told(*rows) == []
    assert told(*rows, (SERVER, OUTSIDE, 15, False)) == [Turned(2, DAY, 2)]
    assert told(*rows, (SERVER, OUTSIDE, 14, False)) == [], "not for two weeks yet"
    assert ANSWERED == 14 * DAY


def test_the_first_of_what_it_began_is_told_once() -> None:
    rows = [(CLIENT, SERVER, 1, False), (SERVER, OUTSIDE, 30, False), (SERVER, CLIENT, 20, False)]
    assert told(*rows) == [Turned(2, DAY, 1)]
    assert told(*rows, since=21 * DAY) == [], "it was told when it began"


def test_what_hosts_do_by_themselves_is_no_beginning() -> None:
    asked = (CLIENT, SERVER, 1, False)
    assert told(asked, (SERVER, OTHER, 30, True)) == []
    assert told(asked, (SERVER, OTHER, 2, True), (SERVER, OUTSIDE, 30, False)) == [Turned(2, DAY, 1)]


def test_hosts_that_always_asked_and_outside_parties_are_none() -> None:
    assert (
        told((CLIENT, SERVER, 1, False), (SERVER, OTHER, 3, False), (SERVER, CLIENT, 30, False)) == []
    )
    assert told((CLIENT, OUTSIDE, 1, False), (OUTSIDE, SERVER, 30, False)) == []
