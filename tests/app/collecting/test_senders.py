from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sekisho.app.collecting.senders import Senders, plain, selecting
from sekisho.model.addresses import ip_address
from sekisho.model.sites import RealmMatch, Sensor
from sekisho.model.validity import Validity

CHANGED = datetime(2024, 3, 4, tzinfo=UTC)


def sensor(name: str, address: str | None = "10.0.0.1", **more: Any) -> Sensor:
    return Sensor(name, "jp", address=ip_address(address) if address else None, **more)


def by_name(*sensors: Sensor) -> dict[str, Sensor]:
    return {one.name: one for one in sensors}


def test_an_address_is_whose_it_was_at_the_time() -> None:
    old = sensor("old", validity=Validity(None, CHANGED))
    new = sensor("new", validity=Validity(CHANGED, None))
    senders = Senders(by_name(old, new, sensor("files", None)))
    assert senders.at("10.0.0.1", datetime(2024, 3, 3, 23, tzinfo=UTC)) == (old,)
    assert senders.at("10.0.0.1", CHANGED) == (new,)
    assert senders.at("10.0.0.2", CHANGED) == ()
    assert senders.addresses == {"10.0.0.1"}


def test_who_asks_for_more_comes_first_and_who_asks_for_nothing_last() -> None:
    rest, one = sensor("a"), sensor("b", match={"host": "x"})
    two = sensor("c", match={"host": "x", "vlan": "1"})
    assert Senders(by_name(rest, one, two)).at("10.0.0.1", CHANGED) == (two, one, rest)


def test_addresses_are_written_one_way() -> None:
    senders = Senders(by_name(sensor("six", "2001:db8:0:0::1")))
    assert senders.addresses == {"2001:db8::1"}


def test_only_a_lone_sensor_of_one_realm_is_plain() -> None:
    lone = sensor("a", realm="lab")
    chosen = sensor("b", match={"host": "x"})
    mapped = sensor("c", realms=(RealmMatch({"vlan": "12"}, "lab"),))
    assert plain([lone])
    assert not plain([chosen])
    assert not plain([mapped])
    assert not plain([lone, lone])
    assert not plain([])
    assert selecting([lone, chosen, mapped]) == {"host", "vlan"}
