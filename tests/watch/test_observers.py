"""Observers see everything once, in order, wherever the watch is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from tests.watch.watched import Watched

from sekisho.watch.base import Remark, Seen
from sekisho.watch.observing import APART
from sekisho.watch.run import Rounds

Watch = Callable[..., Watched]
Flow = Callable[..., dict[str, Any]]


class Counting:
    """Remarks each time that a source's bytes of all rounds reach another thousand; remembers them."""

    name = "counting"

    def __init__(self) -> None:
        self.total = 0
        self.seen: list[int] = []

    def observe(self, seen: Seen, lake: Any) -> Iterable[Remark]:
        for size in seen.rows["bytes_out"].to_pylist():
            self.seen.append(size)
            self.total += size
            yield Remark(f"total|{self.total}", "low", f"{self.total} bytes", "more", "less")

    def begin(self, file: int) -> None:
        pass

    def memory(self) -> bytes:
        return str(self.total).encode()

    def remember(self, memory: bytes) -> None:
        self.total = int(memory)


def stop(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def permitted(flow: Flow, size: int, number: int) -> dict[str, Any]:
    return flow("10.40.2.10", "10.1.20.5", 8443, at=36_000 + number, bytes_out=size, sport=number + 1)


def totals(watch: Watched) -> list[str]:
    """What waits for the sink: each message once."""
    waiting = watch.store.waiting("sink", watch.now + timedelta(days=1), 100)
    assert len({one.delivery for one in waiting}) == len(waiting)
    return [one.document.partition('"title":"')[2].partition(" bytes")[0] for one in waiting]


def take_and_keep(watch: Watched, row: dict[str, Any]) -> None:
    watch.take(row)
    watch.rounds.keep()


@pytest.mark.parametrize(
    "deadly",
    [
        "sekisho.watch.book.Book.settle",
        "sekisho.state.alerts.Round.move",
        "sekisho.watch.observers.Observers.look",
        "sekisho.watch.observers.Observers._tell",
        "sekisho.watch.book.Book.notice",
        "sekisho.state.alerts.Round.remarked",
        "sekisho.watch.observers.Observers.look_back",
        "sekisho.watch.observers.Observers.keep",
        "sekisho.state.alerts.Round.keep",
    ],
)
def test_stopped_at_any_step_nothing_is_lost_or_told_twice(
    watched: Watch, flow: Flow, monkeypatch: pytest.MonkeyPatch, deadly: str
) -> None:
    watch = watched(observers=[Counting()])
    watch.rounds.begin(watch.now)
    watch.take(permitted(flow, 1, 0))
    watch.rounds.keep()
    watch.take(permitted(flow, 20, 1))
    monkeypatch.setattr(deadly, stop)
    with pytest.raises(KeyboardInterrupt):
        take_and_keep(watch, permitted(flow, 300, 2))
    monkeypatch.undo()
    watch.again(Counting())
    watch.judge()
    watch.judge()
    watch.take(permitted(flow, 4000, 3))
    assert totals(watch) == ["1", "21", "321", "4321"]


def test_what_came_while_they_catch_up_waits_its_turn_and_verdicts_do_not(
    watched: Watch, flow: Flow
) -> None:
    watch = watched(observers=[Counting()])
    watch.rounds.begin(watch.now)
    for number in range(3):
        watch.take(permitted(flow, 10**number, number))
    late = Counting()
    watch.again(late)
    watch.rounds = Rounds(watch.lake, watch.store, {"sink": "info"}, [late], most=1)
    watch.put(watch.lake, "th-edge", [flow(bytes_out=9)], "new.log")
    judged = watch.rounds.judge(watch.describer, watch.people, watch.now)
    assert judged is not None
    assert [one.kind for one in judged.told] == ["connection"]
    assert late.seen == [1], "one round of those it has yet to see"
    for _ in range(4):
        watch.judge()
    assert late.seen == [1, 10, 100, 9]


def test_what_was_told_together_is_not_told_again(watched: Watch, flow: Flow) -> None:
    watch = watched(observers=[Counting()])
    watch.rounds.begin(watch.now)
    ends = [f"10.1.20.{n}" for n in range(APART + 5)]
    rows = [flow("10.40.2.10", end, 8443, bytes_out=1, bytes_in=0, packets_in=0) for end in ends]
    told = watch.take(*rows)
    behaviour = [one for one in told if one.kind == "behaviour"]
    assert (len(behaviour), behaviour[-1].connections) == (APART + 1, 5)
    watch.again(Counting())
    assert [one for one in watch.judge() if one.kind == "behaviour"] == []


def test_a_new_observer_begins_where_the_watch_is(watched: Watch, flow: Flow) -> None:
    watch = watched()
    watch.rounds.begin(watch.now)
    watch.take(permitted(flow, 5, 0))
    new = Counting()
    watch.again(new)
    watch.judge()
    watch.take(permitted(flow, 7, 1))
    assert new.seen == [7]
