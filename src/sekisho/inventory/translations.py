"""`nat:` in sites.yaml: addresses that sensors see in the place of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sekisho.inventory.documents import Document
from sekisho.inventory.located import Problems, did_you_mean
from sekisho.inventory.shapes import NatShape
from sekisho.model.addresses import IPAddress, address_of, halves, number
from sekisho.model.sites import Sensor, Translation

MOST = 1024
"""Addresses of a prefix."""


def read_translations(
    document: Document,
    shapes: Iterable[tuple[str, NatShape]],
    sensors: Mapping[str, Sensor],
    problems: Problems,
) -> tuple[Translation, ...]:
    """The entries. Notes one of an unknown sensor, and two that say different things of one record."""
    found: dict[tuple[str, IPAddress], list[Translation]] = defaultdict(list)
    for name, shape in shapes:
        if shape.sensor is not None and shape.sensor not in sensors:
            problems.add(
                document.file,
                document.place(("nat", name, "sensor")),
                "nat/unknown-sensor",
                f"the nat entry {name} is of {shape.sensor!r}, which is no sensor",
                did_you_mean(shape.sensor, sensors),
            )
            continue
        count = shape.original.num_addresses
        if count != shape.translated.num_addresses or count > MOST:
            problems.add(
                document.file,
                document.place(("nat", name), key=True),
                "nat/uneven",
                f"{shape.original} and {shape.translated} are not as many addresses, or over {MOST:,}",
                "name prefixes of equal length, each of at most that many",
            )
            continue
        begins = [number(one.network_address) for one in (shape.original, shape.translated)]
        for step in range(count):
            original, translated = (address_of(*halves(begin + step)) for begin in begins)
            one = Translation(
                name=name,
                original=original,
                translated=translated,
                sensor=shape.sensor,
                realm=shape.realm,
                ports=shape.ports,
                validity=shape.validity,
            )
            beside = found[one.realm, one.translated]
            other = next((known for known in beside if _same_record(one, known)), None)
            if other is not None:
                problems.add(
                    document.file,
                    document.place(("nat", name), key=True),
                    "nat/overlap",
                    f"{one.translated} stands for {other.original} ({other.name}) and for {one.original}"
                    " at one time and port",
                    "part them with `from` and `until`, `ports` or `sensor`",
                )
                break
            beside.append(one)
    return tuple(one for of in found.values() for one in of)


def _same_record(one: Translation, other: Translation) -> bool:
    """Whether two of one translated address speak of one record."""
    return (
        (one.sensor is None or other.sensor is None or one.sensor == other.sensor)
        and one.ports[0] <= other.ports[1]
        and other.ports[0] <= one.ports[1]
        and one.validity.overlaps(other.validity)
    )
