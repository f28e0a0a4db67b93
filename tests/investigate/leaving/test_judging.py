"""Which moves were data taken away, by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.leaving.excess import Excess
from sekisho.investigate.leaving.judging import Incident, judge
from sekisho.investigate.leaving.moves import Moved, Way
from sekisho.investigate.moments import DAY
from sekisho.model.flows import Flag
from sekisho.model.verdicts import Rank

MB = 1_000_000
HOST, FILES, OTHER, OUT = "10.2.0.40", "10.3.0.50", "10.4.0.60", "45.77.10.99"


def number(fabric: Fabric, address: str) -> int:
    return next(n for n in range(len(fabric.hosts.site)) if fabric.address(n) == address)


def went(fabric: Fabric, row: int, src: str, dst: str, low: int, day: int = 30) -> Excess:
    opened = fabric.ends(row)[0] == number(fabric, src)
    at = day * DAY
    moved = Moved(day, low, 0, low // 50, at, at + 60, 4, 1, 0)
    way = Way(row, number(fabric, src), number(fabric, dst), not opened, (moved,))
    return Excess(way, "new", (moved,), low, 0, low // 50, 0)


def incident(fabric: Fabric, *hosts: str) -> Incident:
    since = {number(fabric, host): 10 * DAY for host in hosts}
    return Incident(fabric, since, frozenset({1}), frozenset(), {})


def fabric_of(woven: Callable[..., Fabric], *more: tuple[str, str, int, Rank, float, int]) -> Fabric:
    return woven(
        [
            (HOST, OUT, 443, Rank.EXTERNAL, 500.0, 3),
            (HOST, FILES, 445, Rank.UNAUTHORIZED, 490.0, 2),
            (HOST, OTHER, 3389, Rank.UNAUTHORIZED, 495.0, 2),
            *more,
        ]
    )


def test_what_was_gathered_is_named_because_it_went_on(woven: Callable[..., Fabric]) -> None:
    fabric = fabric_of(woven)
    gathered = went(fabric, 1, FILES, HOST, 60 * MB, day=29)
    sent = went(fabric, 0, HOST, OUT, 70 * MB)
    known = incident(fabric, HOST, FILES)
    assert judge([gathered], known) == []
    first, last = judge([sent, gathered], known)
    assert (first.src, last.dst) == (number(fabric, FILES), number(fabric, OUT))
    assert "onward" in {weight.id for weight in first.weights}
    assert [one.src for one in last.collected] == [first.src]
    assert (last.low, last.rows) == (70 * MB, [0])
    # What came in after the last of it had gone is no part of it.
    (only,) = judge([sent, went(fabric, 1, FILES, HOST, 60 * MB, day=31)], known)
    assert only.collected == ()


def test_pictures_of_screens_are_no_data(woven: Callable[..., Fabric]) -> None:
    fabric = fabric_of(woven)
    seen = went(fabric, 2, OTHER, HOST, 900 * MB, day=29)
    found = judge([seen, went(fabric, 0, HOST, OUT, 70 * MB)], incident(fabric, HOST, OTHER))
    assert [item.dst for item in found] == [number(fabric, OUT)]


def test_a_party_that_others_talk_to_is_business(woven: Callable[..., Fabric]) -> None:
    others = [(f"10.1.0.{n}", OUT, 443, Rank.EXTERNAL, 40.0, 2) for n in range(1, 13)]
    fabric = fabric_of(woven, *others)
    assert judge([went(fabric, 0, HOST, OUT, 40 * MB)], incident(fabric, HOST)) == []
    # If all of these are in the intruder's hands it is another matter.
    hosts = [HOST, *(row[0] for row in others)]
    assert len(judge([went(fabric, 0, HOST, OUT, 40 * MB)], incident(fabric, *hosts))) == 1


def test_little_is_not_told(woven: Callable[..., Fabric]) -> None:
    fabric = fabric_of(woven)
    assert judge([went(fabric, 0, HOST, OUT, 400_000)], incident(fabric, HOST)) == []
    assert judge([], incident(fabric, HOST)) == []


def test_what_is_uncertain_stays_so_in_the_sum(woven: Callable[..., Fabric]) -> None:
    fabric = fabric_of(woven)
    one = went(fabric, 0, HOST, OUT, 40 * MB)
    sampled = replace(one, spread=20 * MB, flags=int(Flag.SAMPLED))
    other = went(fabric, 0, HOST, OUT, 10 * MB, day=31)
    (found,) = judge([sampled, other], incident(fabric, HOST))
    assert (found.low, found.spread, found.flags) == (50 * MB, 20 * MB, int(Flag.SAMPLED))
    assert (found.first, found.last) == (30 * DAY, 31 * DAY + 60)
