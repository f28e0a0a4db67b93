from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.watch.test_alerts import made

from sekisho.app.watching.couriers import Couriers
from sekisho.state.alerts import AlertStore
from sekisho.state.state import State
from sekisho.watch.alerts import Alert
from sekisho.watch.base import NotDelivered, Payload
from sekisho.watch.sinks.jsonl import JsonLines

AT = datetime(2024, 3, 4, 10, tzinfo=UTC)


class Stuck:
    """A receiver that hangs until it is let go."""

    name = "stuck"

    def __init__(self) -> None:
        self.began, self.free, self.closed = threading.Event(), threading.Event(), False

    def render(self, alert: Alert) -> Payload:
        return Payload(alert.delivery.encode())

    def deliver(self, payload: Payload) -> None:
        self.began.set()
        self.free.wait(30)
        raise NotDelivered("gave up")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AlertStore]:
    with State.open(tmp_path / "s.db") as state:
        with state.alerts().round() as work:
            document = made().model_dump_json(by_alias=True)
            work.enqueue(["stuck", "jsonl"], "A-1-1", document, AT)
        yield state.alerts()


def test_a_receiver_that_hangs_holds_up_nobody_else(store: AlertStore) -> None:
    stream, stuck = io.BytesIO(), Stuck()
    couriers = Couriers(store, [stuck, JsonLines(stream)], lambda: AT)
    couriers.start()
    couriers.wake()
    assert stuck.began.wait(10)
    while not couriers.delivered.get("jsonl"):
        threading.Event().wait(0.01)
    assert stream.getvalue().count(b"\n") == 1
    stuck.free.set()
    couriers.close()
    assert stuck.closed
    assert store.unsent() == {("stuck", False): 1}


def test_without_threads_what_waits_is_carried_once(store: AlertStore) -> None:
    stream = io.BytesIO()
    couriers = Couriers(store, [JsonLines(stream)], lambda: AT)
    couriers.deliver()
    couriers.deliver()
    assert couriers.delivered == {"jsonl": 1}
    couriers.close()
