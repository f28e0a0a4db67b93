"""Whose a datagram or message is, by the address that it came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sekisho.model.sites import Sensor


class Senders:
    """The sensors with an `address`: nobody else's records are taken.

    Several may share one, as behind a relay; then each takes the records that its `match` selects, and
    the first whose `match` fits has a record: those that ask for more fields come first.
    """

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        found: dict[str, list[Sensor]] = {}
        for sensor in sensors.values():
            if sensor.address is not None:
                found.setdefault(str(sensor.address), []).append(sensor)
        self._by_address = {
            address: tuple(sorted(own, key=lambda one: (-len(one.match), one.name)))
            for address, own in found.items()
        }

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that a sensor has or had."""
        return frozenset(self._by_address)

    def at(self, address: str, when: datetime) -> tuple[Sensor, ...]:
        """The sensors that had an address at an aware instant; none where it is a stranger's."""
        own = self._by_address.get(address, ())
        return tuple(sensor for sensor in own if sensor.validity.holds(when))


def plain(owners: Sequence[Sensor]) -> bool:
    """Whether all records of an address are one sensor's and of one realm, whatever stands in them."""
    return len(owners) == 1 and not owners[0].match and not owners[0].realms


def selecting(owners: Sequence[Sensor]) -> frozenset[str]:
    """The raw fields by which the owners of an address tell their records apart."""
    asked = {name for sensor in owners for name in sensor.match}
    return frozenset(asked | {name for s in owners for realm in s.realms for name in realm.match})
