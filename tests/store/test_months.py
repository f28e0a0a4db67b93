"""Months give the answers that days give, hold what their days are, and mend."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Any

import pytest

from sekisho.model.addresses import text_of
from sekisho.model.flows import ONE_WAY_VOLUME, State
from sekisho.model.verdicts import Rank
from sekisho.store.lake import Lake
from sekisho.store.months import days_in, month_of
from sekisho.store.spool import day_of

Row = dict[str, Any]
Rows = Callable[..., Row]
DAY = 86_400
DAYS = 60
"""From Monday 4 March 2024: days of March, April and May."""
HELD = [Rank.AUTHORIZED, Rank.LAPSED, Rank.UNAUTHORIZED, Rank.UNMAPPED, Rank.INTRA_SITE]
NEEDS = (Rank.LAPSED, Rank.UNAUTHORIZED)
KEYS = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol", "port")


def months(lake: Lake) -> dict[str, str]:
    """The file of each month."""
    return {p.split("/")[1]: p for p in lake.counted() if p.startswith("months/")}


@dataclass(frozen=True)
class Seen:
    """One flow, seconds after Monday began, and who saw it; the clock of b is 10 ms ahead."""

    at: float
    src: str
    dst: str
    sensors: str
    established: bool
    size: int

    @property
    def key(self) -> tuple[str, str]:
        """Its connection."""
        return self.src, self.dst

    def began(self, sensor: str) -> float:
        """By a sensor's clock."""
        return self.at + (0.01 if sensor == "b" else 0)

    @property
    def first(self) -> float:
        """When the lake says that it began."""
        return min(map(self.began, self.sensors))


def drawn(dice: random.Random, sensors: list[str]) -> list[Seen]:
    """Flows of a few connections over the months, some at the very instants where something changes."""
    days = [*range(6), 27, 28, 29, 40, DAYS - 2, DAYS - 1]
    seconds = [0, 43_200, 43_199.5, 86_399.25, *(dice.randrange(DAY) + 0.5 for _ in range(6))]
    return [
        Seen(
            dice.choice(days) * DAY + dice.choice(seconds),
            dice.choice(["10.40.0.1", "10.40.0.2"]),
            dice.choice(["10.1.0.1", "10.1.0.2", "10.2.0.1"]),
            dice.choice(sensors),
            dice.random() < 0.3,
            dice.choice([60, 2_500]),
        )
        for _ in range(90)
    ]


def register(dice: random.Random, plan: Any, instants: list[datetime]) -> Any:
    """Rules that change at midnight and at noon, and addresses that move then."""
    epochs = sorted(dice.sample(instants, dice.randrange(3)))
    classes = [
        {"10.40.0.1/32": dice.choice([40, 41]), "10.40.0.0/16": 40, "10.1.0.0/16": 1}
        | ({"10.2.0.0/16": 2} if dice.random() < 0.8 else {})
        for _ in range(len(epochs) + 1)
    ]
    held = {}
    for ends in ((40, 1), (40, 2), (41, 1), (41, 2)):
        edges = [None, *sorted(dice.sample(instants, dice.randrange(4))), None]
        held[ends] = [(begin, end, dice.choice(HELD)) for begin, end in pairwise(edges)]
    return plan(held, classes, epochs)


def plain(seen: list[Seen], register: Any, window: list[datetime | None], monday: datetime) -> Any:
    """By a plain count: (connections, flows) by rank, and the findings by connection."""

    def class_of(address: str, at: datetime) -> int:
        prefixes = register.classes[bisect_right(register.epochs, at)]
        holds = (n for p, n in prefixes.items() if ip_address(address) in ip_network(p))
        return next(holds, 0)

    volume: dict[Any, int] = defaultdict(int)
    for one in seen:
        volume[one.first // DAY, one.key] += 0 if one.established else one.size
    begin, end = window
    flows: Counter[Rank] = Counter()
    worst: dict[Any, Rank] = {}
    found: dict[Any, Row] = {}
    for one in sorted(seen, key=lambda one: one.first):
        at = monday + timedelta(seconds=one.first)
        if (begin and at < begin) or (end and at >= end):
            continue
        ends = class_of(one.src, at), class_of(one.dst, at)
        decided = next(
            rank
            for since, until, rank in register.held.get(ends, [(None, None, Rank.INTRA_SITE)])
            if (since is None or since <= at) and (until is None or at < until)
        )
        counted = one.established or volume[one.first // DAY, one.key] >= ONE_WAY_VOLUME
        rank = Rank.ATTEMPTED if decided in NEEDS and not counted else decided
        flows[rank] += 1
        more = one.key not in worst or rank > worst[one.key]
        worst[one.key] = rank if more else worst[one.key]
        if rank < Rank.UNMAPPED:
            continue
        empty: Row = {"flows": 0, "established": 0, "bytes_out": 0, "days": set(), "views": Counter()}
        row = found.setdefault(one.key, empty | {"first_seen": at, "first_established": None})
        row["judged_at"] = at if more else row["judged_at"]
        row["flows"] += 1
        row["established"] += counted
        row["bytes_out"] += one.size
        row["days"].add(at.date())
        row["views"].update(one.sensors)
        if counted and row["first_established"] is None:
            row["first_established"] = at
    connections = Counter(worst.values())
    return {rank: (connections[rank], flows[rank]) for rank in {*connections, *flows}}, found


def key_of(row: Row) -> tuple[str, str]:
    return text_of(row["src_hi"], row["src_lo"]), text_of(row["dst_hi"], row["dst_lo"])


@pytest.mark.parametrize(
    ("seed", "sensors"), [(1, ["a"]), (2, ["a", "b", "ab"]), (3, ["a", "b", "ab"])]
)
def test_months_days_and_a_plain_count_agree(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    plan: Any,
    monday: datetime,
    seed: int,
    sensors: list[str],
) -> None:
    dice = random.Random(seed)
    seen = drawn(dice, sensors)
    for sensor in "ab":
        rows = [
            flow(
                one.src,
                one.dst,
                at=one.began(sensor),
                sport=1000 + number,
                state=State.ESTABLISHED if one.established else State.NO_REPLY,
                bytes_out=one.size,
                bytes_in=2000 * one.established,
            )
            for number, one in enumerate(seen)
            if sensor in one.sensors
        ]
        if rows:
            take(lake, sensor, rows, f"{sensor}.log")
    instants = [monday + timedelta(days=day, hours=hour) for day in range(DAYS) for hour in (0, 12)]
    instants += [monday + timedelta(seconds=one.first) for one in seen[:10]]
    ranks: set[Rank] = set()
    for number in range(5):
        rules = register(dice, plan, instants)
        window = sorted(dice.sample(instants, 2)) if number % 2 else [None, None]
        answers = []
        for by_month in (True, False):
            with lake.stage(*window, by_month=by_month) as stage:
                verdicts = stage.judge(rules)
                violations = verdicts.violations
                tables = [verdicts.totals, verdicts.links, violations, stage.judged()]
                tables.append(stage.views(violations.select(KEYS)))
                answers.append([sorted(map(repr, table.to_pylist())) for table in tables])
        assert answers[0] == answers[1], f"by month and by day, {number}"
        totals, found = plain(seen, rules, window, monday)
        assert {
            row["rank"]: (row["connections"] or 0, row["flows"] or 0)
            for row in verdicts.totals.to_pylist()
        } == totals
        links = verdicts.links["connections"].to_pylist()
        assert sum(links) == sum(connections for connections, _ in totals.values())
        assert {key_of(row) for row in violations.to_pylist()} == set(found)
        seen_by: dict[Any, Counter[str]] = defaultdict(Counter)
        for row in tables[4].to_pylist():
            seen_by[key_of(row)][row["sensor"]] = row["flows"]
        for row in violations.to_pylist():
            wanted = found[key_of(row)]
            assert row["days_active"] == len(wanted.pop("days"))
            assert seen_by[key_of(row)] == wanted.pop("views")
            assert {name: row[name] for name in wanted} == wanted
        ranks |= totals.keys()
    assert ranks == {*HELD, Rank.ATTEMPTED}, "every outcome was met"
    assert len(months(lake)) == 3


def flows(lake: Lake, register: Any) -> int:
    with lake.stage(None, None) as stage:
        return int(sum(stage.judge(register).totals["flows"].to_pylist()))


def test_a_month_is_extended_made_anew_and_none_where_one_day_says_it_all(
    lake: Lake, take: Callable[..., bool], flow: Rows, always: Any
) -> None:
    count = iter(range(1, 99))

    def grow(*days: int) -> tuple[dict[str, str], list[str]]:
        """Take flows in on days; the months, and what each step of refreshing was."""
        take(lake, "a", [flow(at=day * DAY + 60, sport=next(count)) for day in days], f"{next(count)}")
        lake.refresh()
        assert flows(lake, always(Rank.UNAUTHORIZED)) == lake.stats().flows
        return months(lake), [str(path) for path in sorted(lake.layout.months.rglob("*.parquet"))]

    assert grow(0) == ({}, [])
    march, _ = grow(1)
    assert list(march) == ["month=2024-03"]
    extended, files = grow(5, 28)
    assert list(extended) == ["month=2024-03"], "one day of April is no month"
    assert extended != march
    assert len(files) == 2, "a reader may be at the old one"
    same, _ = grow(40)
    assert same["month=2024-03"] == extended["month=2024-03"], "what did not change is not touched"
    assert list(same) == ["month=2024-03", "month=2024-04"]
    late, _ = grow(1)
    assert late["month=2024-03"] != same["month=2024-03"]
    assert late["month=2024-04"] == same["month=2024-04"]
    lake.layout.absolute(late["month=2024-03"]).write_bytes(b"PAR1")
    assert flows(lake, always(Rank.UNAUTHORIZED)) == lake.stats().flows == 6
    assert months(lake)["month=2024-03"] != late["month=2024-03"]
    assert (lake.damage(), lake.verify()) == ([], [])


def test_a_month_of_another_content_is_set_aside_by_verifying(
    lake: Lake, take: Callable[..., bool], flow: Rows, always: Any
) -> None:
    take(lake, "a", [flow(at=1), flow(at=DAY)])
    lake.refresh()
    (path,) = months(lake).values()
    content = bytearray(lake.layout.absolute(path).read_bytes())
    content[len(content) // 2] ^= 0xFF
    lake.layout.absolute(path).write_bytes(content)
    assert [one.path for one in lake.verify()] == [path]
    assert months(lake) == {}
    assert flows(lake, always(Rank.UNAUTHORIZED)) == 2
    assert list(months(lake).values()) != [path]
    assert lake.verify() == []


def test_a_roll_up_that_a_new_month_needs_and_that_is_not_whole_is_made_anew(
    lake: Lake, take: Callable[..., bool], flow: Rows, always: Any
) -> None:
    """A late log makes the month anew from all of its days, one of which is damaged meanwhile."""
    take(lake, "a", [flow(at=1), flow(at=DAY)], "one.log")
    lake.refresh()
    next(lake.layout.rollups.glob("day=2024-03-04/*")).unlink()
    take(lake, "a", [flow(at=DAY + 9)], "late.log")
    assert flows(lake, always(Rank.UNAUTHORIZED)) == 3
    assert (lake.damage(), lake.verify()) == ([], [])


def test_a_month_that_a_day_outran_is_not_asked(
    lake: Lake, take: Callable[..., bool], flow: Rows, always: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the roll-ups of days and those of months another process may ask."""
    take(lake, "a", [flow(at=1), flow(at=DAY)], "one.log")
    lake.refresh()
    monkeypatch.setattr("sekisho.store.months.refresh", lambda *_: None)
    monkeypatch.setattr("sekisho.store.months.behind", lambda *_: {})
    take(lake, "a", [flow(at=3 * DAY)], "new.log")
    assert flows(lake, always(Rank.UNAUTHORIZED)) == 3, "a day that the month does not have yet"
    take(lake, "a", [flow(at=DAY + 9)], "late.log")
    assert flows(lake, always(Rank.UNAUTHORIZED)) == 4, "a day that is not what the month summed up"


def test_stopped_at_every_step_nothing_is_lost_or_doubled(
    lake: Lake, take: Callable[..., bool], flow: Rows, always: Any, stopped: Callable[..., bool]
) -> None:
    taken, deadly = 0, 0
    while True:
        deadly += 1
        day = (0, 1, 28, 29)[deadly % 4]
        take(
            lake,
            "a",
            [flow(at=day * DAY + deadly, sport=deadly), flow(at=DAY, sport=deadly)],
            str(deadly),
        )
        taken += 2
        came_so_far = stopped(lake, lambda other: other.refresh(), deadly)
        assert flows(lake, always(Rank.UNAUTHORIZED)) == taken, f"stopped at step {deadly}"
        on_disk = {str(p.relative_to(lake.layout.root)) for p in lake.layout.months.rglob("*.parquet")}
        assert on_disk >= set(months(lake).values())
        assert lake.verify() == []
        if not came_so_far:
            break
    assert deadly > 8, "days and months have four steps each"


@pytest.mark.parametrize("step", ["month moved", "summing up"])
def test_killed_while_summing_up(
    lake: Lake,
    take: Callable[..., bool],
    flow: Rows,
    always: Any,
    slain: Callable[[Lake, str, str], None],
    step: str,
) -> None:
    take(lake, "a", [flow(at=1), flow(at=DAY)])
    slain(lake, "lake.refresh()", step)
    assert flows(lake, always(Rank.UNAUTHORIZED)) == 2
    files = {str(p.relative_to(lake.layout.root)) for p in lake.layout.months.rglob("*.parquet")}
    assert files == set(months(lake).values()), "what the killed run made is swept away"
    assert not list(lake.layout.staging.glob("rollup-*"))


@pytest.mark.parametrize(("day", "first", "length"), [((2024, 2, 29), 1, 29), ((1969, 12, 31), 1, 31)])
def test_calendar_months(day: tuple[int, int, int], first: int, length: int) -> None:
    year, month, _ = day
    assert month_of(day_of(date(*day))) == day_of(date(year, month, first))
    assert days_in(day_of(date(year, month, 1))) == length
