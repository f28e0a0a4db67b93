from __future__ import annotations

from typing import Any

import pytest

from sekisho.app.collecting.accounts import (
    FORGOTTEN,
    MOST_DOMAINS,
    SFLOW,
    Accounts,
    dropped,
    kept,
    losses,
    serial_of,
)
from sekisho.model.sites import Sensor
from sekisho.sources.base import ReadContext
from sekisho.sources.netflow.datagrams import Datagrams
from sekisho.sources.sflow.flows import SflowReading
from sekisho.store.streams import HourLoss, StreamKey, Streams

HOUR = 3_600_000_000
OWNERS = {"10.0.0.1": (Sensor("a", "jp"), Sensor("b", "jp")), "10.0.0.2": (Sensor("c", "jp"),)}


def take(accounts: Accounts, name: str, *payloads: bytes, serial: int = 1) -> None:
    found = Datagrams.of([(name, payload, 5) for payload in payloads])
    accounts.decoder.decode(
        Datagrams(
            found.data,
            found.starts,
            found.sizes,
            found.exporters,
            found.names,
            found.arrivals,
            found.rows | serial << 32,
        )
    )


def test_losses_are_what_changed_and_each_sensor_of_the_exporter_may_have_them(exporter: Any) -> None:
    accounts, one, two = Accounts(), exporter("10.0.0.1"), exporter("10.0.0.2")
    take(accounts, "10.0.0.1", one.v5(3))
    assert [key.exporter for key, _ in accounts.moved()] == ["10.0.0.1"]
    take(accounts, "10.0.0.1", one.v5(2, lose=4))
    take(accounts, "10.0.0.2", two.v5(1))
    assert list(losses(accounts.moved(), 2 * HOUR + 7, OWNERS)) == [
        HourLoss(2 * HOUR, "a", "10.0.0.1", received=2, lost=4),
        HourLoss(2 * HOUR, "b", "10.0.0.1", received=2, lost=4),
        HourLoss(2 * HOUR, "c", "10.0.0.2", received=1),
    ]
    assert accounts.moved() == []
    assert dropped(HOUR + 1, 9) == HourLoss(HOUR, "", "", dropped=9)


def test_what_is_told_puts_the_same_accounts_together(exporter: Any, noon: Any) -> None:
    accounts, nine, samples = Accounts(), exporter("10.0.0.1"), exporter("10.0.0.9", 4)
    take(accounts, "10.0.0.1", nine.v9(2), serial=6)
    reading = SflowReading(ReadContext("UTC", 1, noon), accounts.sflow)
    reading.batch(Datagrams.of([("10.0.0.2", samples.sflow(), 5)]))
    told = accounts.tell()
    assert set(told.bodies) == {
        StreamKey("10.0.0.1", 9, 0),
        StreamKey("10.0.0.2 10.0.0.9", SFLOW, 4),
    }
    assert [serial_of(one) for one in told.fresh] == [6]
    assert accounts.waiting_in() == {6}
    again = Accounts.of(Streams(told.bodies, [kept(one, 33) for one in told.fresh]), {33: 2})
    assert again.counts() == accounts.counts()
    assert again.waiting_in() == {2}
    assert not again.tell().bodies
    assert not again.tell().fresh
    take(again, "10.0.0.1", nine.v9(template=True), serial=3)
    assert again.waiting_in() == frozenset()
    assert again.tell().settled == [(StreamKey("10.0.0.1", 9, 0), 256)]
    states = {(one.exporter, one.version): one.templates for one in again.states()}
    assert states == {("10.0.0.1", 9): 1, ("10.0.0.2 10.0.0.9", SFLOW): 0}


def test_what_was_kept_and_is_damaged_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="collector keeps"):
        Accounts.of(Streams({StreamKey("a", 9, 0): "{}"}, []), {})


def test_streams_not_heard_of_for_long_are_forgotten(exporter: Any) -> None:
    accounts, one = Accounts(), exporter("10.0.0.1")
    take(accounts, "10.0.0.1", one.v5(3))
    bodies = dict(accounts.tell().bodies)
    (body,) = bodies.values()
    later = StreamKey("10.0.0.2", 5, 0)
    bodies[later] = body.replace('"heard":5', f'"heard":{FORGOTTEN + 6}')
    again = Accounts.of(Streams(bodies, []), {})
    assert again.forgotten == [StreamKey("10.0.0.1", 5, 0)]
    assert set(again.counts()) == {later}
    bodies[later] = body.replace('"heard":5', f'"heard":{FORGOTTEN + 5}')
    assert not Accounts.of(Streams(bodies, []), {}).forgotten


def test_an_exporter_that_makes_up_domains_leaves_room_for_others(exporter: Any) -> None:
    accounts, real = Accounts(), exporter("10.0.0.2")
    forged = [exporter("10.0.0.1", domain).v9(template=True) for domain in range(MOST_DOMAINS + 50)]
    take(accounts, "10.0.0.1", *forged)
    take(accounts, "10.0.0.2", real.v5(2))
    assert len(accounts.counts()) == MOST_DOMAINS + 1
    assert len(accounts.tell().bodies) == MOST_DOMAINS + 1
    take(accounts, "10.0.0.2", real.v5(2))
    assert list(accounts.tell().bodies) == [StreamKey("10.0.0.2", 5, 0)], "only who sent something"
