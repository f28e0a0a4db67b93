"""Raw flows that are given up: what they came to answers on, grows and mends; what is held stays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from tests.fleet.sigma.conftest import event, keep

from sekisho.errors import RequestError
from sekisho.model.flows import ONE_WAY_VOLUME, State
from sekisho.model.verdicts import Rank
from sekisho.store import pruning
from sekisho.store.lake import Lake

Row = dict[str, Any]
Rows = Callable[..., Row]
DAY = 86_400
MONDAY = 19_786
KEYS = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol", "port")


@pytest.fixture
def filled(lake: Lake, take: Callable[..., bool], flow: Rows) -> Lake:
    """Flows of Monday to Thursday at two sensors, and of a day in April."""
    for sensor in "ab":
        ahead = 0.01 if sensor == "b" else 0
        rows = [flow(at=day * DAY + 100 + ahead, sport=day + 1) for day in (0, 1, 2, 3, 30)]
        rows.append(flow("10.40.1.1", at=50_000 + ahead, sport=9, state=State.NO_REPLY, bytes_in=0))
        take(lake, sensor, rows, f"{sensor}.log")
    take(lake, "b", [flow("10.40.2.2", at=2 * DAY + 7, sport=77)], "alone.log")
    return lake


def answer(lake: Lake, register: Any, *window: datetime | None) -> dict[str, list[str]]:
    """All that a window says."""
    begin, end = window or (None, None)
    with lake.stage(begin, end) as stage:
        found = stage.judge(register)
        keys = found.violations.select(KEYS)
        tables = {
            "totals": found.totals,
            "links": found.links,
            "violations": found.violations,
            "judged": stage.judged(),
            "views": stage.views(keys),
            "usage": stage.usage(),
        }
    tables |= {"hours": lake.hours(), "spans": lake.spans(), "first_last": lake.first_last(keys)}
    return {name: sorted(map(repr, table.to_pylist())) for name, table in tables.items()}


def counts(lake: Lake, register: Any) -> tuple[int, int]:
    """Flows that roll-ups know of, and records that hours do."""
    with lake.stage(None, None) as stage:
        flows = sum(stage.judge(register).totals["flows"].to_pylist())
    return flows, sum(lake.hours()["flows"].to_pylist())


def raw_days(lake: Lake) -> list[int]:
    """Of the days that have raw flows that count the day of the month."""
    return sorted({int(p.split("/")[1][-2:]) for p in lake.counted() if p.startswith("flows/")})


def test_what_is_judged_stays_and_the_records_are_gone(
    filled: Lake, always: Any, monday: datetime, asked: Callable[..., pa.Table]
) -> None:
    register = always(Rank.UNAUTHORIZED)
    before = answer(filled, register)
    was = filled.stats()
    which = asked("10.40.9.9", "10.1.0.5", 445)
    assert filled.flows_of(which).pruned == ()
    until = monday + timedelta(days=3, hours=5)
    planned = filled.prunable(until)
    assert filled.stats() == was, "nothing goes by asking"
    found = filled.prune(until)
    assert found == planned
    assert found.days == (MONDAY, MONDAY + 1, MONDAY + 2)
    assert (found.rows, found.held, found.waiting) == (9, (), ())
    assert answer(filled, register) == before
    assert filled.pruned() == {MONDAY: 4, MONDAY + 1: 2, MONDAY + 2: 3}
    evidence = filled.flows_of(which)
    assert evidence.pruned == found.days
    assert evidence.total == 4, "Thursday and April are there"
    only = filled.flows_of(which, begin=monday + timedelta(days=3))
    assert (only.pruned, only.total) == ((), 4)
    with filled.stage(None, None) as stage:
        assert (stage.pruned, stage.judge(register).blunt, stage.damage) == ([*found.days], 0, ())
    with filled.stage(monday + timedelta(days=3), None) as stage:
        assert stage.pruned == []
    now = filled.stats()
    assert (now.flows, now.pruned, now.raw_bytes) == (was.flows - 9, 9, was.raw_bytes - found.size)
    assert (filled.verify(), filled.damage()) == ([], [])
    assert filled.prune(until).days == (), "they are gone"


def test_files_go_after_an_hour(filled: Lake, monday: datetime) -> None:
    old = list(filled.layout.flows.glob("day=2024-03-04/*"))
    now = 10**16
    with Lake.open(filled.layout.root, clock=lambda: now) as lake:
        lake.prune(monday + timedelta(days=1))
        assert all(path.exists() for path in old), "readers may be at them"
    with Lake.open(filled.layout.root, clock=lambda: now + 3_600_000_001) as lake:
        lake.prune(monday + timedelta(days=1))
        assert not any(path.exists() for path in old)
        assert lake.verify() == []


def test_what_is_held_stays_until_the_last_name_lets_go(
    filled: Lake, monday: datetime, asked: Callable[..., pa.Table]
) -> None:
    seen_once = asked("10.40.2.2", "10.1.0.5", 445)
    assert filled.hold("INC-2", seen_once) == 3, "its day, and those beside it"
    assert filled.hold("INC-1", seen_once) == filled.hold("INC-1", seen_once) == 3
    until = monday + timedelta(days=3)
    both = ("INC-1", "INC-2")
    assert filled.prunable(until).held == ((MONDAY + 1, both), (MONDAY + 2, both))
    assert filled.prune(until).days == (MONDAY,)
    filled.release("INC-2")
    filled.release("nobody")
    found = filled.prune(until)
    assert (found.days, found.held) == ((), ((MONDAY + 1, both[:1]), (MONDAY + 2, both[:1])))
    assert filled.flows_of(seen_once).total == 1
    filled.release("INC-1")
    assert filled.prune(until).days == (MONDAY + 1, MONDAY + 2)


def test_a_day_held_at_the_last_moment_stays(
    filled: Lake, monday: datetime, asked: Callable[..., pa.Table]
) -> None:
    """Between what was found and what is done somebody may open an incident."""

    def step(name: str) -> None:
        if name == "pruned":
            with Lake.open(filled.layout.root) as other:
                other.hold("INC-9", asked("10.40.2.2", "10.1.0.5", 445))

    with Lake.open(filled.layout.root, steps=step) as lake:
        found = lake.prune(monday + timedelta(days=3))
    assert found.days == (MONDAY,)
    assert [day for day, _ in found.held] == [MONDAY + 1, MONDAY + 2]
    assert (found.rows, filled.pruned()) == (4, {MONDAY: 4})


def test_a_day_whose_roll_up_is_not_up_to_date_waits(
    filled: Lake,
    take: Callable[..., bool],
    flow: Rows,
    monday: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled.refresh()
    take(filled, "a", [flow(at=DAY + 5, sport=5)], "late.log")
    with monkeypatch.context() as patched:
        patched.setattr(Lake, "refresh", lambda _self: None)
        found = filled.prune(monday + timedelta(days=2))
    # What two sensors see may cross midnight, so its neighbours wait too.
    assert (found.days, found.waiting) == ((), (MONDAY, MONDAY + 1))
    assert filled.prune(monday + timedelta(days=2)).days == (MONDAY, MONDAY + 1)


@pytest.mark.parametrize("kept_size", [True, False])
def test_a_roll_up_that_is_not_whole_lets_nothing_go(
    filled: Lake, always: Any, monday: datetime, kept_size: bool
) -> None:
    """It would be all that is left of the day."""
    before = answer(filled, always(Rank.UNAUTHORIZED))
    (path,) = filled.layout.rollups.glob("day=2024-03-05/*")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content if kept_size else content[:-5])
    found = filled.prune(monday + timedelta(days=2))
    assert (found.days, found.waiting) == ((MONDAY,), (MONDAY + 1,))
    assert answer(filled, always(Rank.UNAUTHORIZED)) == before
    assert filled.prune(monday + timedelta(days=2)).days == (MONDAY + 1,)
    assert answer(filled, always(Rank.UNAUTHORIZED)) == before


def test_raw_flows_that_were_lost_before_stay_named(
    filled: Lake, always: Any, monday: datetime
) -> None:
    (broken, *_) = sorted(filled.layout.flows.glob("day=2024-03-04/*"))
    broken.write_bytes(b"")
    name = str(broken.relative_to(filled.layout.root))
    assert [one.path for one in filled.verify()] == [name]
    assert filled.prune(monday + timedelta(days=1)).rows == 2
    assert [one.path for one in filled.damage()] == [name]


def test_late_logs_add_to_what_a_pruned_day_came_to_again_and_again(
    filled: Lake, take: Callable[..., bool], flow: Rows, always: Any, monday: datetime
) -> None:
    register = always(Rank.UNAUTHORIZED)
    flows, records = counts(filled, register)
    until = monday + timedelta(days=1)
    filled.prune(until)
    for number in (1, 2):
        late = [flow(at=100, sport=1000 + number), flow("10.40.3.3", at=40_000, sport=number)]
        take(filled, "b", late, f"late{number}.log")
        flows, records = flows + 2, records + 2
        assert counts(filled, register) == (flows, records), "none of the old is lost"
        filled.refresh()
        assert counts(filled, register) == (flows, records)
        whole = answer(filled, register)
        assert filled.prune(until).days == (MONDAY,)
        assert answer(filled, register) == whole
        assert filled.verify() == []
    assert filled.pruned() == {MONDAY: 8}
    (row,) = (
        row for row in filled.hours().to_pylist() if row["hour"] == monday and row["sensor"] == "b"
    )
    assert (row["flows"], row["first"].second) == (3, 40)


def test_flows_one_way_reach_their_volume_with_those_that_are_gone(
    lake: Lake, take: Callable[..., bool], flow: Rows, always: Any, monday: datetime
) -> None:
    half = {"state": State.NO_REPLY, "bytes_in": 0, "bytes_out": ONE_WAY_VOLUME // 2}
    take(lake, "a", [flow(at=1, sport=1, **half)], "one.log")
    lake.prune(monday + timedelta(days=1))
    take(lake, "a", [flow(at=9, sport=2, **half)], "two.log")
    with lake.stage(None, None) as stage:
        (found,) = stage.judge(always(Rank.UNAUTHORIZED)).violations.to_pylist()
    assert (found["flows"], found["established"], found["rank"]) == (2, 2, Rank.UNAUTHORIZED)


def test_a_sensor_that_comes_late_has_its_own_view(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    always: Any,
    monday: datetime,
    asked: Callable[..., pa.Table],
) -> None:
    """That both saw one flow cannot be told any more: it counts twice, and says so by its views."""
    take(lake, "a", [flow(at=1)], "a.log")
    lake.prune(monday + timedelta(days=1))
    take(lake, "b", [flow(at=1.01)], "b.log")
    with lake.stage(None, None) as stage:
        (found,) = stage.judge(always(Rank.UNAUTHORIZED)).violations.to_pylist()
        views = stage.views(asked("10.40.9.9", "10.1.0.5", 445)).to_pylist()
    assert found["flows"] == 2
    assert sorted((row["sensor"], row["flows"]) for row in views) == [("a", 1), ("b", 1)]


def test_half_a_line_that_went_with_its_day_is_not_taken_off_twice(
    lake: Lake, take: Callable[..., bool], flow: Rows, monday: datetime
) -> None:
    take(lake, "a", [flow(at=1), flow(at=2), flow(at=DAY)], "one.log")
    with closing(sqlite3.connect(lake.layout.manifest)) as connection, connection:
        connection.execute("INSERT INTO exclusion VALUES (1, 2, ?)", (MONDAY,))
    assert lake.stats().flows == 2
    lake.prune(monday + timedelta(days=1))
    assert lake.stats().flows == 1


def test_stopped_at_every_step_a_day_is_whole_or_pruned(
    filled: Lake, always: Any, monday: datetime, stopped: Callable[..., bool]
) -> None:
    register = always(Rank.UNAUTHORIZED)
    before = answer(filled, register)
    until = monday + timedelta(days=3)
    deadly = 1
    while stopped(filled, lambda lake: lake.prune(until), deadly):
        assert answer(filled, register) == before, f"stopped at step {deadly}"
        assert filled.stats().flows + filled.stats().pruned == 13
        assert filled.verify() == []
        deadly += 1
    assert deadly == 4, "what was done before it was stopped stays done"
    assert filled.stats().pruned == 9
    assert answer(filled, register) == before


@pytest.mark.parametrize(("step", "left"), [("pruning", [4, 5, 6, 7]), ("pruned", [5, 6, 7])])
def test_killed_a_day_is_whole_or_pruned(
    filled: Lake,
    always: Any,
    monday: datetime,
    slain: Callable[[Lake, str, str], None],
    step: str,
    left: list[int],
) -> None:
    register = always(Rank.UNAUTHORIZED)
    before = answer(filled, register)
    until = monday + timedelta(days=3)
    slain(filled, f"lake.prune(datetime.fromisoformat({until.isoformat()!r}))", step)
    assert raw_days(filled) == sorted({3, *left}), "3 is April's"
    assert answer(filled, register) == before
    filled.prune(until)
    assert raw_days(filled) == [3, 7]
    assert answer(filled, register) == before
    assert filled.verify() == []


def test_what_a_pruned_day_came_to_stays_named_where_it_is_damaged(
    filled: Lake, always: Any, monday: datetime
) -> None:
    """Nothing found and nothing recorded are different answers."""
    register = always(Rank.UNAUTHORIZED)
    filled.prune(monday + timedelta(days=1))
    flows, _ = counts(filled, register)
    (path,) = filled.layout.rollups.glob("day=2024-03-04/*")
    name = str(path.relative_to(filled.layout.root))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    assert {one.path for one in filled.verify()} == {name}
    assert counts(filled, register)[0] == flows - 2, "the rest answers"
    (lost,) = filled.damage()
    assert (lost.path, lost.day, lost.reason) == (name, MONDAY, "its content is not what was written")
    filled.refresh()
    assert [one.path for one in filled.damage()] == [name]


def test_a_roll_up_with_late_flows_that_is_damaged_is_made_anew(
    filled: Lake, take: Callable[..., bool], flow: Rows, always: Any, monday: datetime
) -> None:
    """From what is gone came to and the late flows; where these are damaged too, from the first alone."""
    register = always(Rank.UNAUTHORIZED)
    flows, _ = counts(filled, register)
    filled.prune(monday + timedelta(days=1))
    take(filled, "a", [flow(at=9, sport=99)], "late.log")
    filled.refresh()
    (rollup,) = (
        p for p in filled.counted() if p.startswith("rollups/day=2024-03-04/") and late(filled, p)
    )
    filled.layout.absolute(rollup).write_bytes(b"")
    assert [one.path for one in filled.verify()] == [rollup]
    assert counts(filled, register)[0] == flows + 1
    (rollup,) = (
        p for p in filled.counted() if p.startswith("rollups/day=2024-03-04/") and late(filled, p)
    )
    (segment,) = (p for p in filled.counted() if p.startswith("flows/day=2024-03-04/"))
    for path in (rollup, segment):
        filled.layout.absolute(path).write_bytes(b"")
    assert {one.path for one in filled.verify()} == {rollup, segment}
    assert counts(filled, register)[0] == flows
    assert [one.path for one in filled.damage()] == [segment]


def late(lake: Lake, path: str) -> bool:
    """Whether it is no base."""
    with closing(sqlite3.connect(lake.layout.manifest)) as connection:
        return not connection.execute("SELECT 1 FROM base WHERE path = ?", (path,)).fetchone()


STRICT = [
    # (held in the morning, held in the afternoon, the verdict of the day as a whole)
    (Rank.AUTHORIZED, Rank.UNAUTHORIZED, Rank.UNAUTHORIZED),
    (Rank.LAPSED, Rank.AUTHORIZED, Rank.LAPSED),
    (Rank.INTRA_SITE, Rank.AUTHORIZED, Rank.AUTHORIZED),
]


@pytest.mark.parametrize(("morning", "afternoon", "worst"), STRICT)
@pytest.mark.parametrize("moved", [False, True])
def test_a_pruned_day_within_which_something_changes_is_judged_by_the_strictest(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    plan: Any,
    monday: datetime,
    morning: Rank,
    afternoon: Rank,
    worst: Rank,
    moved: bool,
) -> None:
    """Whether a rule changes at noon, or an address moves then; and by months as by days."""
    for day in (0, 1):
        rows = [flow(at=day * DAY + hour * 3600, sport=hour + 1) for hour in (10, 14, 16)]
        rows.append(flow("10.40.7.7", at=day * DAY + 60, sport=60))
        take(lake, "a", rows, f"{day}.log")
    noon = monday + timedelta(hours=12)
    if moved:
        held = {(40, 1): [(None, None, morning)], (41, 1): [(None, None, afternoon)]}
        prefixes = [{"10.40.0.0/16": n, "10.1.0.0/16": 1} for n in (40, 41)]
        register = plan(held, prefixes, [noon])
    else:
        register = plan({(40, 1): [(None, noon, morning), (noon, None, afternoon)]})
    sharp = answer(lake, register)
    lake.prune(monday + timedelta(days=1))
    with lake.stage(None, None) as stage:
        found = stage.judge(register)
        judged = {row["src_lo"] & 0xFFFF: row for row in stage.judged().to_pylist()}
        assert (found.blunt, stage.pruned) == (1, [MONDAY]), (
            "what changed within nobody's flows is sharp"
        )
    loud, quiet = judged[0x0909], judged[0x0707]
    assert loud["rank"] == max(worst, afternoon)
    assert quiet["rank"] == max(morning, afternoon), "in the morning of one day, on the whole next"
    assert (loud["flows"], quiet["flows"]) == (6, 2)
    assert sum(found.totals["flows"].to_pylist()) == 8
    if worst >= Rank.UNMAPPED:
        row = next(row for row in found.violations.to_pylist() if row["src_lo"] & 0xFFFF == 0x0909)
        assert row["flows"] >= 3
        assert row["first_seen"] == monday + timedelta(hours=10), "the day as a whole"
    lake_days = answer(lake, register)
    assert lake_days["hours"] == sharp["hours"]


def test_a_window_that_cuts_a_pruned_day_takes_its_connections_whole(
    lake: Lake, take: Callable[..., bool], flow: Rows, plan: Any, monday: datetime
) -> None:
    """By the strictest of what the window holds: what was forbidden before it is no finding of it."""
    take(lake, "a", [flow(at=hour * 3600, sport=hour + 1) for hour in (1, 20)], "a.log")
    dawn, noon = monday + timedelta(hours=6), monday + timedelta(hours=12)
    register = plan({(40, 1): [(None, dawn, Rank.UNAUTHORIZED), (dawn, None, Rank.AUTHORIZED)]})
    lake.prune(monday + timedelta(days=1))
    for window, rank in (((noon, None), Rank.AUTHORIZED), ((None, noon), Rank.UNAUTHORIZED)):
        with lake.stage(*window) as stage:
            found = stage.judge(register)
        assert (found.totals["rank"].to_pylist(), found.blunt) == ([rank], 1)
        assert found.totals["flows"].to_pylist() == [2]


def test_it_waits_for_whoever_writes(filled: Lake, monday: datetime) -> None:
    filled.refresh()
    with (
        Lake.open(filled.layout.root, lock_timeout=0.05) as other,
        filled.writer(),
        pytest.raises(RequestError, match="another process"),
    ):
        other.prune(monday)


def test_names_go_with_their_days_and_stay_where_a_day_is_held(
    lake: Lake,
    take: Callable[..., bool],
    take_names: Callable[..., None],
    flow: Rows,
    name: Rows,
    monday: datetime,
) -> None:
    take(lake, "a", [flow(at=day * DAY + 9) for day in (0, 1, 4)])
    take_names(lake, "a", [name(f"d{day}", at=day * DAY + 9) for day in (-3, 0, 1, 2, 4)])
    pruning.hold(lake._connection, "case", [MONDAY + 1], 0)
    before = monday + timedelta(days=3)
    planned = lake.prunable(before)
    assert (planned.days, planned.names) == ((MONDAY,), 3), "days without flows have names that go too"
    done = lake.prune(before)
    assert (done.days, done.names, done.size) == (planned.days, planned.names, planned.size)
    assert {
        row["value"] for row in lake.names([f"d{day}" for day in range(-3, 5)]).rows.to_pylist()
    } == {
        "d1",
        "d4",
    }
    lake.release("case")
    assert lake.prune(before).names == 1
    assert lake.verify() == []
    assert lake.stats().names == 1


def test_events_that_happened_on_a_held_day_stay(
    filled: Lake, monday: datetime, asked: Callable[..., pa.Table]
) -> None:
    """They lie under the day on which they came, which says nothing of when they happened."""
    came = int((monday - timedelta(days=5)).timestamp() * 1_000_000)
    with Lake.open(filled.layout.root, clock=lambda: came) as then:
        for name, when in (("held", "2024-03-05T10:00:00Z"), ("old", "2019-01-01T10:00:00Z")):
            keep(then, [event({}, time=when)], name)
    filled.hold("INC-1", asked("10.40.2.2", "10.1.0.5", 445))
    planned = filled.prunable(monday)
    assert (planned.events, planned.events_held) == (1, 1)
    found = filled.prune(monday)
    assert (found.events, found.events_held, filled.stats().events) == (1, 1, 1)
    filled.release("INC-1")
    assert filled.prune(monday).events == 1
    assert (filled.stats().events, filled.verify()) == (0, [])
