"""What the store is told and tells, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses from (first_hi, first_lo) to (last_hi, last_lo) of a realm, both included."""

    realm: str
    first_hi: int
    first_lo: int
    last_hi: int
    last_lo: int


@dataclass(frozen=True, slots=True)
class SensorTraits:
    """What the inventory knows of a sensor.

    `home` are the addresses of its site: of the views of one flow, those of sensors in whose home the
    initiator lies give the flow its time. Without it the earliest view does.
    """

    site: str | None = None
    home: tuple[AddressRange, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far a sensor's clock is ahead of its peers' reference, microseconds; measured, not stated.

    `spread` is how far single flows were from that; `pairs` how many flows were compared.
    """

    sensor: str
    offset: int
    spread: int
    pairs: int
