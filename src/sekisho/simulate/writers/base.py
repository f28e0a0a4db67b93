"""What a log format must do: turn flows into records, records into lines, and name its files."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from sekisho.simulate.calendar import moment
from sekisho.simulate.flows import Array


class Writer(Protocol):
    """A format for one sensor. Records are structured arrays with `log`, the time at which the program
    writes the line, in the sensor's clock (microseconds)."""

    def records(self, flows: Array, begin: Array) -> Array:
        """Records of flows that begin at those times by the sensor's clock."""
        ...

    def render(self, records: Array) -> bytes:
        """Their lines, in the order given."""
        ...

    def header(self, opened: int) -> bytes:
        """What stands before the first record of a file opened at that time."""
        ...

    def footer(self, closed: int | None, records: int, octets: int, packets: int) -> bytes:
        """What stands after the last; `closed` None is a program that died."""
        ...

    def volume(self, records: Array) -> tuple[int, int]:
        """Bytes and packets of records, for the summary that some formats close with."""
        ...

    def filename(self, opened: int, closed: int) -> str:
        """Path of the file below the sensor's folder, without a suffix for compression."""
        ...


def clock(at: int) -> datetime:
    """A time of the simulation, aware UTC."""
    return moment(at).astimezone(UTC)
