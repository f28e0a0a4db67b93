from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.audit.coverage import Coverage, Hours
from sekisho.audit.pairs import WEEK, Pairs, Seen, lost_by_week, week_of
from sekisho.audit.scope import Scope
from sekisho.audit.stretches import hour_of, instant, union
from sekisho.model.sites import Sensor, Site
from sekisho.model.validity import Validity

MONDAY = datetime(2020, 6, 1, tzinfo=UTC)
H0 = hour_of(MONDAY)


def site(name: str, begin: datetime | None = None, end: datetime | None = None) -> Site:
    return Site(name, name, "JP", "UTC", "it", (), validity=Validity(begin, end))


def sensor(name: str, at: str, *sees: str) -> Sensor:
    return Sensor(name, at, sees=frozenset(sees or ("edge",)))  # type: ignore[arg-type]


def coverage(alive: Mapping[str, Sequence[tuple[int, int]]], weeks: int) -> Coverage:
    """Hours relative to the first Monday in which each sensor recorded; all else has no data."""
    rows = {
        name: tuple(
            Hours(H0 + a, H0 + b, "seen" if n % 2 else "quiet", 0, "") for n, (a, b) in enumerate(spans)
        )
        for name, spans in alive.items()
    }
    return Coverage(rows, H0, H0 + weeks * WEEK)


SITES = {name: site(name) for name in ("br-sales", "jp-hq", "th-plant")}
SENSORS = {
    "jp-edge": sensor("jp-edge", "jp-hq"),
    "th-edge": sensor("th-edge", "th-plant"),
    "th-inside": sensor("th-inside", "th-plant", "inside"),
    "core": sensor("core", "jp-hq", "transit"),
}


@pytest.fixture
def pairs() -> Pairs:
    """Two weeks: jp recorded throughout, th in the first week alone, br has no sensor."""
    alive = {"jp-edge": [(0, 2 * WEEK)], "th-edge": [(0, WEEK)], "th-inside": [(0, 2 * WEEK)]}
    return Pairs(SITES, SENSORS, coverage(alive, 2))


def test_every_pair_is_listed_and_says_at_how_many_ends_it_was_watched(pairs: Pairs) -> None:
    assert [(w.link, w.week, w.state, w.unwatched) for w in pairs.weeks()[0]] == [
        ("br-sales <-> jp-hq", MONDAY, "one", 0),
        ("br-sales <-> jp-hq", MONDAY + timedelta(days=7), "one", 0),
        ("br-sales <-> th-plant", MONDAY, "one", 0),
        ("br-sales <-> th-plant", MONDAY + timedelta(days=7), "none", WEEK),
        ("jp-hq <-> th-plant", MONDAY, "both", 0),
        ("jp-hq <-> th-plant", MONDAY + timedelta(days=7), "one", 0),
    ]
    assert pairs.dark() == ({"br-sales <-> th-plant": 1}, 3)


def test_an_end_says_who_recorded_what_they_saw_and_what_was_lost(pairs: Pairs) -> None:
    flows = {(H0, "jp-hq", "th-plant"): {"jp-edge": 7, "th-edge": 5, "core": 2, "th-inside": 1}}
    found, _ = pairs.weeks(Seen(flows, {(H0, "th-edge"): 3}))
    first = next(w for w in found if w.link == "jp-hq <-> th-plant")
    jp, th = first.ends
    assert (jp.site, jp.hours, jp.share, jp.sensors, jp.flows, jp.lost) == (
        "jp-hq",
        168,
        1.0,
        ("jp-edge",),
        7,
        0,
    )
    assert (th.site, th.sensors, th.flows, th.lost) == ("th-plant", ("th-edge",), 5, 3)
    assert (first.transit, first.inside) == (("core",), ("th-inside",))
    # What one link saw is not said of the others.
    other = next(w for w in found if w.link == "br-sales <-> th-plant")
    assert (other.ends[1].flows, other.ends[1].lost, other.transit) == (0, 3, ())


@pytest.mark.parametrize(
    ("jp", "th", "state", "unwatched"),
    [
        ([(0, 84)], [(0, 84)], "both", 84),
        ([(0, 83)], [(0, 84)], "one", 84),
        ([(0, 84)], [(84, 168)], "one", 0),
        ([(0, 50)], [(100, 120)], "none", 98),
        ([(0, 168)], [], "one", 0),
        ([], [], "none", 168),
    ],
)
def test_half_of_the_hours_decide_and_the_rest_is_said(
    jp: list[tuple[int, int]], th: list[tuple[int, int]], state: str, unwatched: int
) -> None:
    pairs = Pairs(SITES, SENSORS, coverage({"jp-edge": jp, "th-edge": th}, 1))
    ((week,), _) = pairs.weeks(asked=Scope(pair=frozenset({"jp-hq", "th-plant"})))
    assert (week.state, week.unwatched, week.hours) == (state, unwatched, 168)


def test_a_window_and_the_life_of_a_site_bound_the_hours() -> None:
    sites = SITES | {
        "th-plant": site("th-plant", MONDAY + timedelta(days=8), MONDAY + timedelta(days=15))
    }
    everything = coverage({"jp-edge": [(0, 3 * WEEK)], "th-edge": [(0, 3 * WEEK)]}, 3)
    pair = Scope(pair=frozenset({"jp-hq", "th-plant"}))
    own, _ = Pairs(sites, SENSORS, everything).weeks(asked=pair)
    assert [(w.week, w.hours, w.state) for w in own] == [
        (MONDAY + timedelta(days=7), 6 * 24, "both"),
        (MONDAY + timedelta(days=14), 24, "both"),
    ]
    begin, end = MONDAY + timedelta(days=3), MONDAY + timedelta(days=7, hours=2)
    cut, _ = Pairs(SITES, SENSORS, everything, begin, end).weeks(asked=pair)
    assert [(w.week, w.hours) for w in cut] == [(MONDAY, 96), (MONDAY + timedelta(days=7), 2)]


def test_a_scope_leaves_its_pairs(pairs: Pairs) -> None:
    some, _ = pairs.weeks(asked=Scope(sites=frozenset({"th-plant"})))
    assert {w.link for w in some} == {"br-sales <-> th-plant", "jp-hq <-> th-plant"}
    assert pairs.dark(Scope(sites=frozenset({"jp-hq"}))) == ({}, 2)


def test_nothing_known_and_a_single_site() -> None:
    nothing = Pairs(SITES, SENSORS, Coverage({}, 0, 0))
    assert (nothing.weeks(), nothing.dark()) == (([], None), ({}, 0))
    one = Pairs({"jp-hq": SITES["jp-hq"]}, SENSORS, coverage({"jp-edge": [(0, 5)]}, 1))
    assert one.weeks() == ([], None)


SPANS = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 200)), max_size=4).map(
    lambda found: union((begin, begin + length) for begin, length in found)
)


@given(SPANS, SPANS, st.integers(0, 300), st.integers(1, 500))
def test_hours_counted_one_by_one_say_the_same(
    jp: list[tuple[int, int]], th: list[tuple[int, int]], skip: int, length: int
) -> None:
    known = coverage({"jp-edge": jp, "th-edge": th}, 5)
    begin, end = instant(H0 + skip), instant(H0 + skip + length)
    found, _ = Pairs(SITES, SENSORS, known, begin, end).weeks(
        asked=Scope(pair=frozenset({"jp-hq", "th-plant"}))
    )
    wanted: dict[int, list[int]] = {}
    for hour in range(H0 + skip, min(H0 + skip + length, H0 + 5 * WEEK)):
        counts = wanted.setdefault(week_of(hour), [0, 0, 0, 0])
        at = [known.alive(name, instant(hour)) for name in ("jp-edge", "th-edge")]
        for place, holds in enumerate((True, *at, not any(at))):
            counts[place] += holds
    got = {hour_of(w.week): [w.hours, w.ends[0].hours, w.ends[1].hours, w.unwatched] for w in found}
    assert got == wanted


def test_weeks_begin_on_mondays() -> None:
    for hour in range(0, 3000, 7):
        begin = instant(week_of(hour))
        assert (begin.weekday(), begin.hour) == (0, 0)
        assert 0 <= hour - week_of(hour) < WEEK


def test_losses_add_up_by_week() -> None:
    losses = pa.table(
        {
            "sensor": ["a", "a", "b"],
            "hour": pa.array(
                [MONDAY, MONDAY + timedelta(days=6, hours=23), MONDAY], pa.timestamp("us", "UTC")
            ),
            "received": [1, 1, 1],
            "lost": [2, 3, 0],
            "dropped": [0, 4, 1],
        }
    )
    assert lost_by_week(losses) == {(H0, "a"): 9, (H0, "b"): 1}


def test_an_answer_is_bounded_and_keeps_the_last_weeks() -> None:
    """A record dated decades ago makes thousands of weeks."""
    pairs = Pairs(SITES, SENSORS, coverage({"jp-edge": [(0, 20 * WEEK)]}, 20))
    found, since = pairs.weeks(most=12)
    assert since == MONDAY + timedelta(days=7 * 16)
    assert len(found) == 12
    assert {week.week for week in found} == {MONDAY + timedelta(days=7 * n) for n in range(16, 20)}
    assert all(
        week.ends[1].sensors == ("jp-edge",) for week in found if week.link == "br-sales <-> jp-hq"
    )
    every, none = pairs.weeks(most=60)
    assert (len(every), none) == (60, None)
    assert len(pairs.weeks(most=0)[0]) == 3


def test_two_hours_of_a_week_do_not_make_it_one_that_nobody_watched() -> None:
    silent = coverage({"jp-edge": [(0, WEEK)]}, 2)
    ends = MONDAY + timedelta(days=7, hours=2), MONDAY + timedelta(days=9)
    some = Scope(pair=frozenset({"jp-hq", "th-plant"}))
    found = [Pairs(SITES, SENSORS, silent, MONDAY, end).dark(some)[0] for end in ends]
    assert found == [{}, {"jp-hq <-> th-plant": 1}]
