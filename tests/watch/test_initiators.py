"""Servers that had only answered and begin to initiate, as it happens."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from tests.watch.watched import Watched

from sekisho.inventory.register import Inventory
from sekisho.model.flows import Orientation
from sekisho.policy.compile import CompiledPolicy
from sekisho.watch.describing import Describer
from sekisho.watch.initiators import Initiators

Flow = Callable[..., dict[str, Any]]
Register = tuple[Inventory, CompiledPolicy]
SERVER, ASKS, OTHER, DAY, TEN = "10.40.2.10", "10.1.9.9", "10.1.20.5", 86_400, 36_000


def observer(register: Register, **options: Any) -> Initiators:
    describer = Describer(*register)
    return Initiators(lambda: describer, lambda: 0.0, **options)


def begun(
    watched: Callable[..., Watched], register: Register, *rows: dict[str, Any], **options: Any
) -> Watched:
    watch = watched(observers=[observer(register, **options)])
    watch.put(watch.lake, "th-edge", list(rows), "old.log")
    watch.lake.refresh({})
    watch.rounds.begin(watch.now)
    return watch


def test_it_is_told_once_with_what_was_usual(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(
        watched, register, *(flow(ASKS, SERVER, 22, at=TEN - day * DAY) for day in range(1, 21))
    )
    (alert,) = watch.take(flow(SERVER, OTHER, 8443))
    assert (alert.kind, alert.severity) == ("behaviour", "low")
    assert alert.title == f"{SERVER} -> {OTHER} tcp/8443: a server begins to initiate"
    assert alert.text == (
        f"{SERVER} had only answered since 2024-02-13 and began to initiate on 2024-03-04 10:00 UTC"
    )
    assert alert.baseline == "answered 1 client of other sites or outside for 20 days"
    assert watch.take(flow(SERVER, OTHER, 8443, at=TEN + 5)) == []
    watch.again(observer(register))
    assert watch.take(flow(SERVER, "10.1.20.6", 8443, at=TEN + 9)) == []


def test_who_initiated_before_does_not_begin(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    old = flow(ASKS, SERVER, 22, at=-20 * DAY), flow(SERVER, OTHER, 445, at=-3 * DAY)
    watch = begun(watched, register, *old)
    assert watch.take(flow(SERVER, OTHER, 8443)) == []


@pytest.mark.parametrize("certain", [True, False])
def test_who_initiated_on_a_day_that_is_not_rolled_up_does_not_begin(
    watched: Callable[..., Watched], register: Register, flow: Flow, certain: bool
) -> None:
    watch = begun(
        watched, register, *(flow(ASKS, SERVER, 22, at=TEN - day * DAY) for day in range(1, 21))
    )
    guess = {} if certain else {"orientation": Orientation.GUESS}
    watch.put(watch.lake, "th-edge", [flow(SERVER, OTHER, 445, at=-3 * DAY, **guess)], "late.log")
    watch.again(observer(register))
    watch.judge()
    told = watch.take(flow(SERVER, OTHER, 8443))
    assert len([one for one in told if one.kind == "behaviour"]) == (0 if certain else 1)


def test_nor_does_who_answered_for_days_only(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow(ASKS, SERVER, 22, at=-9 * DAY))
    assert watch.take(flow(SERVER, OTHER, 8443)) == []


def test_a_guess_of_who_began_is_none(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow(ASKS, SERVER, 22, at=-20 * DAY))
    assert watch.take(flow(SERVER, OTHER, 8443, orientation=Orientation.GUESS)) == []
    assert len(watch.take(flow(SERVER, OTHER, 8443, at=TEN + 5))) == 1


def test_what_there_is_no_room_for_is_told_and_looked_up_later(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow(ASKS, SERVER, 22, at=-20 * DAY), most=0)
    (full,) = watch.take(flow(SERVER, OTHER, 8443))
    assert (full.severity, full.labels["change"]) == ("info", "full")
    assert watch.take(flow(SERVER, OTHER, 8443, at=TEN + 3)) == []
    watch.again(observer(register))
    assert len(watch.take(flow(SERVER, OTHER, 8443, at=TEN + 5))) == 1


def test_what_waits_is_remembered(
    watched: Callable[..., Watched], register: Register, flow: Flow
) -> None:
    watch = begun(watched, register, flow(ASKS, SERVER, 22, at=-20 * DAY))
    ticks = itertools.count(0.0)
    describer = Describer(*register)
    busy = Initiators(lambda: describer, lambda: next(ticks))
    watch.again(busy)
    with busy._pace.asking():
        pass
    assert watch.take(flow(SERVER, OTHER, 8443)) == [], "a question was just put"
    watch.rounds.keep()
    watch.again(observer(register))
    (alert,) = watch.judge()
    assert alert.labels["change"] == "initiates"
