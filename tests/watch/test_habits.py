"""Permitted connections that begin to behave otherwise, as they come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.watch.watched import Watched

from sekisho.inventory.register import Inventory
from sekisho.policy.compile import CompiledPolicy
from sekisho.watch.describing import Describer
from sekisho.watch.habits import Habits

Flow = Callable[..., dict[str, Any]]
Register = tuple[Inventory, CompiledPolicy]
CLIENT, SERVER, DAY = "10.40.2.10", "10.1.20.5", 86_400
NINE = 9 * 3_600


def unhurried() -> float:
    """A clock by which no question takes any time, so that none waits."""
    return 0.0


def habits(register: Register, **options: Any) -> Habits:
    describer = Describer(*register)
    return Habits(lambda: describer, unhurried, **options)


def begun(watched: Callable[..., Watched], register: Register, flow: Flow, days: int) -> Watched:
    """A watch of a link that was used at nine and ten on so many days before Monday."""
    watch = watched(observers=[habits(register)])
    rows = [
        flow(CLIENT, SERVER, 8443, at=NINE + hour * 3_600 - day * DAY, sport=day * 2 + hour + 1)
        for day in range(1, days + 1)
        for hour in (0, 1)
    ]
    watch.put(watch.lake, "th-edge", rows, "old.log")
    watch.lake.refresh({})
    watch.rounds.begin(watch.now)
    return watch


def test_ten_times_its_volume_is_told_once_with_what_was_usual(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE, bytes_out=6_000_000)) == []
    (alert,) = watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 9, sport=7, bytes_out=6_000_000))
    assert (alert.kind, alert.severity) == ("behaviour", "low")
    assert alert.title == f"{CLIENT} -> {SERVER} tcp/8443: unusual volume"
    assert alert.baseline == "usual 6.0 kB a day (median of 20 days, highest 6.0 kB)"
    assert alert.text.endswith("on 2024-03-04 12.0 MB")
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 60, sport=8, bytes_out=9_000_000)) == []


def test_two_sensors_see_one_volume(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    half = flow(CLIENT, SERVER, 8443, at=NINE, bytes_out=6_000_000)
    assert watch.take(half) == []
    assert watch.take(half, sensor="jp-edge") == []


def test_an_hour_in_which_it_was_never_used(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    (alert,) = watch.take(flow(CLIENT, SERVER, 8443, at=3 * 3_600))
    assert alert.text.startswith("used between 3:00 and 4:00 on 2024-03-04 (UTC)")
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE)) == []


def test_what_is_new_or_no_rule_permits_has_no_habits(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 13)
    assert watch.take(flow(CLIENT, SERVER, 8443, at=3 * 3_600, bytes_out=10**9)) == []
    told = watch.take(flow("10.40.9.9", SERVER, 445, bytes_out=10**9))
    assert [alert.kind for alert in told] == ["connection"]


def test_the_next_day_begins_anew(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    assert len(watch.take(flow(CLIENT, SERVER, 8443, at=NINE, bytes_out=12_000_000))) == 1
    watch.later(days=1)
    later = flow(CLIENT, SERVER, 8443, at=NINE + DAY, sport=9, bytes_out=90_000_000)
    (alert,) = watch.take(later)
    assert alert.text.endswith("on 2024-03-05 90.0 MB")
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 99, sport=10, bytes_out=90_000_000)) == []


def test_after_a_start_the_day_so_far_counts_whether_it_was_saved_or_not(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE, bytes_out=4_000_000)) == []
    watch.rounds.keep()
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 5, sport=8, bytes_out=4_000_000)) == []
    watch.again(habits(register))
    assert watch.judge() == []
    (alert,) = watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 9, sport=7, bytes_out=4_000_000))
    assert alert.text.endswith("on 2024-03-04 12.0 MB")
    watch.again(habits(register))
    assert watch.judge() == []
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 19, sport=9, bytes_out=4_000_000)) == []


@pytest.mark.parametrize("saved", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_on_its_first_day_what_came_before_it_began_counts(
    watched: Callable[..., Watched], register: Register, flow: Flow, saved: bool, late: bool
) -> None:
    """Whether it was started again meanwhile, and whether the first record after that is of that day."""
    watch = watched(observers=[habits(register)])
    old = [
        flow(CLIENT, SERVER, 8443, at=NINE + hour * 3_600 - day * DAY, sport=day * 2 + hour + 1)
        for day in range(1, 21)
        for hour in (0, 1)
    ]
    today = flow(CLIENT, SERVER, 8443, at=NINE - 60, sport=99, bytes_out=6_000_000)
    watch.put(watch.lake, "th-edge", [*old, today], "old.log")
    watch.lake.refresh({})
    watch.rounds.begin(watch.now)
    if saved:
        watch.rounds.keep()
        watch.again(habits(register))
    if late:
        assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE - DAY, sport=5)) == []
    (alert,) = watch.take(flow(CLIENT, SERVER, 8443, at=NINE, sport=7, bytes_out=6_000_000))
    assert alert.text.endswith("on 2024-03-04 12.0 MB")


def test_every_hour_of_a_file_counts(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    rows = [flow(CLIENT, SERVER, 8443, at=hour * 3_600, sport=hour) for hour in (4, 9)]
    (alert,) = watch.take(*rows[::-1])
    assert "between 4:00 and 5:00" in alert.text


def test_a_clock_that_is_far_ahead_does_not_end_the_day(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 400 * DAY, bytes_out=90_000_000)) == []
    assert len(watch.take(flow(CLIENT, SERVER, 8443, at=NINE, bytes_out=90_000_000))) == 1


def test_what_waits_when_the_day_ends_is_looked_at_first(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    clock = [0.0]
    watch = begun(watched, register, flow, 20)
    describer = Describer(*register)
    busy = Habits(lambda: describer, lambda: clock[0])
    with busy._pace.asking():
        clock[0] += 60
    watch.again(busy)
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE, bytes_out=90_000_000)) == []
    watch.later(days=1)
    (alert,) = watch.take(flow(CLIENT, SERVER, 8443, at=NINE + DAY, sport=9))
    assert alert.text.endswith("on 2024-03-04 90.0 MB")


def test_where_there_is_no_room_it_says_so_once_a_day(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow, 20)
    watch.again(habits(register, most=0))
    (full,) = watch.take(flow(CLIENT, SERVER, 8443, at=NINE, bytes_out=90_000_000))
    assert (full.severity, full.labels["change"]) == ("info", "full")
    assert watch.take(flow(CLIENT, SERVER, 8443, at=NINE + 9, sport=3)) == []
