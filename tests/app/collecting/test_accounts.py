from __future__ import annotations

from typing import Any

import pytest

from sekisho.app.collecting.accounts import SFLOW, Accounts, dropped, kept, losses, serial_of
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
    before = accounts.counts()
    take(accounts, "10.0.0.1", one.v5(2, lose=4))
    take(accounts, "10.0.0.2", two.v5(1))
    assert list(losses(before, accounts.counts(), 2 * HOUR + 7, OWNERS)) == [
        HourLoss(2 * HOUR, "a", "10.0.0.1", received=2, lost=4),
        HourLoss(2 * HOUR, "b", "10.0.0.1", received=2, lost=4),
        HourLoss(2 * HOUR, "c", "10.0.0.2", received=1),
    ]
    assert list(losses(accounts.counts(), accounts.counts(), HOUR, OWNERS)) == []
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
