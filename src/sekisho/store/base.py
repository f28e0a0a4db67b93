"""What the store is told and tells, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class AddressRange:
    """Addresses from (first_hi, first_lo) to (last_hi, last_lo) of a realm, both included.

    From `begin` until `end` (microseconds, None is unbounded). Where not `own`, another site has them.
    """

    realm: str
    first_hi: int
    first_lo: int
    last_hi: int
    last_lo: int
    begin: int | None = None
    end: int | None = None
    own: bool = True


@dataclass(frozen=True, slots=True)
class Translated:
    """An address (`realm`, `hi`, `lo`) that a sensor sees in the place of an original, where that end's port
    lies from `low_port` to `high_port` and the flow starts from `begin` until `end` (microseconds)."""

    realm: str
    hi: int
    lo: int
    original_hi: int
    original_lo: int
    low_port: int = 0
    high_port: int = 65535
    begin: int = -(2**63)
    end: int = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SensorTraits:
    """What the inventory knows of a sensor.

    `home` are the addresses of its site, and those within that are another's; of what overlaps the last
    decides. Of the views of one flow, those of sensors in whose home the initiator lies give the flow
    its time. Without it the earliest view does. `translated` are the addresses that stand for others in
    its records; no two speak of one record.
    """

    site: str | None = None
    home: tuple[AddressRange, ...] = ()
    translated: tuple[Translated, ...] = ()


class Register(Protocol):
    """A register of rules and an inventory, as judging needs them. Times are aware.

    Epoch e begins at `epochs[e - 1]`: what an address is changes there and nowhere else. `cuts` are
    these and the instants at which a rule's effect changes, in order.
    """

    @property
    def epochs(self) -> Sequence[datetime]:
        """Change points of the inventory."""
        ...

    @property
    def cuts(self) -> Sequence[datetime]:
        """All change points."""
        ...

    def label(self, addresses: pa.Table) -> pa.Table:
        """Append `class` (int32) to a table of `epoch`, `realm`, `hi`, `lo`."""
        ...

    def decide(self, combinations: pa.Table) -> pa.Table:
        """Verdicts of `src_class`, `dst_class`, `protocol`, `port`: the same with `begin`, `end`
        (timestamps, null is unbounded) and `rank`, one row for each time with one verdict."""
        ...


@dataclass(frozen=True, slots=True)
class ClockPair:
    """How far the clock of sensor `b` was ahead of that of `a` on a day, microseconds.

    `spread` is how far single flows were from that; `pairs` how many flows were compared.
    """

    a: str
    b: str
    apart: int
    spread: int
    pairs: int


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far a sensor's clock is ahead of its peers' reference, microseconds; measured, not stated.

    `spread` is how far single flows were from that; `pairs` how many flows were compared.
    """

    sensor: str
    offset: int
    spread: int
    pairs: int


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(at: datetime) -> int:
    """Microseconds from 1970 of an aware time."""
    return (at - _EPOCH) // timedelta(microseconds=1)
