from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.watch.test_alerts import made

from sekisho.state.alerts import AlertStore
from sekisho.state.state import State
from sekisho.watch.alerts import Alert
from sekisho.watch.base import NotDelivered, Payload, Undeliverable
from sekisho.watch.delivering import LONGEST, deliver, pause

AT = datetime(2024, 3, 4, 10, tzinfo=UTC)


class Receiver:
    """A sink whose receiver says what is done with each message."""

    name = "sink"

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.got: list[bytes] = []

    def render(self, alert: Alert) -> Payload:
        return Payload(alert.delivery.encode())

    def deliver(self, payload: Payload) -> None:
        said = self.answers.pop(0) if self.answers else None
        if said is not None:
            raise said
        self.got.append(payload.body)

    def close(self) -> None: ...


@pytest.fixture
def fill(tmp_path: Path) -> Iterator[Callable[[int], AlertStore]]:
    with State.open(tmp_path / "s.db") as state:

        def make(count: int) -> AlertStore:
            with state.alerts().round() as work:
                for number in range(1, count + 1):
                    alert = made(revision=number, delivery=f"A-{number}")
                    work.enqueue(["sink"], alert.delivery, alert.model_dump_json(by_alias=True), AT)
            return state.alerts()

        yield make


def test_all_that_waits_is_sent_in_order_and_once(fill: Callable[[int], AlertStore]) -> None:
    store, sink = fill(3), Receiver()
    assert deliver(store, sink, AT) == 3
    assert deliver(store, sink, AT) == 0
    assert sink.got == [b"A-1", b"A-2", b"A-3"]


def test_what_is_not_taken_waits_longer_each_time_and_nothing_overtakes_it(
    fill: Callable[[int], AlertStore],
) -> None:
    store = fill(2)
    sink = Receiver(NotDelivered("busy"), ConnectionRefusedError("down"))
    assert deliver(store, sink, AT) == 0
    assert deliver(store, sink, AT + timedelta(seconds=1)) == 0
    assert len(sink.answers) == 1
    assert deliver(store, sink, AT + timedelta(seconds=2)) == 0
    assert deliver(store, sink, AT + timedelta(seconds=5)) == 0
    assert deliver(store, sink, AT + timedelta(seconds=6)) == 2
    assert sink.got == [b"A-1", b"A-2"]


def test_what_is_refused_for_good_holds_up_nothing_and_is_shown(
    fill: Callable[[int], AlertStore],
) -> None:
    store, sink = fill(2), Receiver(Undeliverable("no such channel"))
    assert deliver(store, sink, AT) == 1
    assert sink.got == [b"A-2"]
    assert store.unsent() == {("sink", True): 1}


def test_a_crash_after_sending_sends_the_same_message_again(
    fill: Callable[[int], AlertStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, sink = fill(1), Receiver()

    def stopped(_self: AlertStore, _seq: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(AlertStore, "taken", stopped)
    with pytest.raises(KeyboardInterrupt):
        deliver(store, sink, AT)
    monkeypatch.undo()
    assert deliver(store, sink, AT) == 1
    assert sink.got == [b"A-1", b"A-1"]


def test_pauses_double_up_to_a_bound_and_a_receiver_may_ask_for_more() -> None:
    spans = [pause(n).total_seconds() for n in range(1, 5)]
    assert spans == [2, 4, 8, 16]
    assert pause(1000) == LONGEST
    assert pause(1, asked=90).total_seconds() == 90
    assert pause(1, asked=1e9).total_seconds() == 3600
