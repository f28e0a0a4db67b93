"""Numbers, ranges of sizes and times as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from sekisho.model.sizes import size

if TYPE_CHECKING:
    from sekisho.model.findings import Bytes


def size_range(measured: Bytes) -> str:
    """One size where both ends read the same, else `5.9-6.3 MB`."""
    low, high = size(measured.low), size(measured.high)
    if low == high:
        return low
    if low.split()[1] == high.split()[1]:
        return f"{low.split()[0]}-{high}"
    return f"{low}-{high}"


def count(number: int) -> str:
    """With separators: `1,204`."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 finding`, `1,204 findings`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def lasting(span: timedelta) -> str:
    """`3 d 4 h`, `5 h`, `12 min`, `54 s`: two units at most."""
    minutes = int(span.total_seconds() // 60)
    if 0 < span.total_seconds() < 60:
        return f"{span.total_seconds():.0f} s"
    days, rest = divmod(minutes, 1440)
    hours, mins = divmod(rest, 60)
    if days:
        return f"{days:,} d {hours} h" if hours and days < 10 else f"{days:,} d"
    if hours:
        return f"{hours} h {mins} min" if mins and hours < 10 else f"{hours} h"
    return f"{mins} min"


def local_minute(told: str | None) -> str | None:
    """A document's local time as people read it: `2020-06-04 17:00 +07:00`."""
    return f"{told[:16].replace('T', ' ')} {told[19:]}" if told else None


@dataclass(frozen=True, slots=True)
class Times:
    """Aware instants in the zone that people asked for; JSON and CSV stay UTC."""

    zone: tzinfo = UTC

    @property
    def label(self) -> str:
        """What stands beside times: `UTC`, `Asia/Tokyo`."""
        return "UTC" if self.zone is UTC else str(self.zone)

    def minute(self, at: datetime | None) -> str:
        """`2020-06-11 01:02`; a dash for None."""
        return "-" if at is None else f"{at.astimezone(self.zone):%Y-%m-%d %H:%M}"

    def exact(self, at: datetime | None) -> str:
        """`2020-06-11 01:02:03.000004`; a dash for None."""
        return "-" if at is None else f"{at.astimezone(self.zone):%Y-%m-%d %H:%M:%S.%f}"

    def day(self, at: datetime | None) -> str:
        """`2020-06-11`; a dash for None."""
        return "-" if at is None else f"{at.astimezone(self.zone):%Y-%m-%d}"

    def in_words(self, at: datetime) -> str:
        """`11 June 2020`, for sentences."""
        local = at.astimezone(self.zone)
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Not strftime's, which follow the process's locale."""
