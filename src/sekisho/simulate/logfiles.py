"""One sensor's log folder: records in the order of writing, files rotated by its clock."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sekisho.simulate.base import SECOND
from sekisho.simulate.flows import Array
from sekisho.simulate.sensors import Probe
from sekisho.simulate.writers.base import Writer


@dataclass(slots=True)
class _Open:
    path: Path
    stream: BinaryIO
    packer: zlib._Compress | None
    period: int
    closes: int
    crash: bool
    records: int = 0
    octets: int = 0
    packets: int = 0
    size: int = 0

    def write(self, data: bytes) -> None:
        if self.packer is not None:
            data = self.packer.compress(data)
        self.size += len(data)
        self.stream.write(data)


@dataclass(slots=True)
class LogFiles:
    """Takes records of growing times and writes the sensor's files below `folder`.

    A record is written when its conversation ends, so records wait until no earlier one can come. A
    file is made when its first record is written: an hour without records has none.
    """

    probe: Probe
    writer: Writer
    folder: Path
    rows: int = 0
    files: list[Path] = field(default_factory=list)
    size: int = 0
    _waiting: list[Array] = field(default_factory=list)
    _open: _Open | None = None

    def take(self, records: Array) -> None:
        """Keep records until it is their turn."""
        if len(records):
            self._waiting.append(records)

    def release(self, before: int) -> None:
        """Write every record whose line the program writes before that time of its clock."""
        if not self._waiting:
            return
        records = np.concatenate(self._waiting)
        due = records["log"] < before
        self._waiting = [records[~due]] if not due.all() else []
        records = records[due]
        records = records[np.argsort(records["log"], kind="stable")]
        periods = self._periods(records["log"])
        cuts = np.flatnonzero(np.diff(periods)) + 1
        for part, period in (
            zip(np.split(records, cuts), periods[np.r_[0, cuts]], strict=True) if len(records) else ()
        ):
            self._write(part, int(period))

    def finish(self) -> None:
        """Write what is left and close the last file."""
        self.release(np.iinfo(np.int64).max)
        self._close()

    def _cuts(self) -> list[int]:
        return [outage.begin + self.probe.offset for outage in self.probe.outages]

    def _periods(self, log: Array) -> Array:
        """A number for the file of each record: rotations, and one more after each outage."""
        periods = log // self.probe.rotation * 64
        for cut in self._cuts():
            periods = periods + (
                (log >= cut) & (log // self.probe.rotation == cut // self.probe.rotation)
            )
        return np.asarray(periods)

    def _write(self, records: Array, period: int) -> None:
        if self._open is None or self._open.period != period:
            self._close()
            self._open = self._begin(int(records["log"][0]), period)
        self._open.write(self.writer.render(records))
        octets, packets = self.writer.volume(records)
        self._open.records += len(records)
        self._open.octets += octets
        self._open.packets += packets
        self.rows += len(records)

    def _begin(self, first: int, period: int) -> _Open:
        opened = first - first % SECOND
        closes = (first // self.probe.rotation + 1) * self.probe.rotation
        crash = False
        for outage in self.probe.outages:
            if first < outage.begin + self.probe.offset < closes:
                closes, crash = outage.begin + self.probe.offset, outage.crash
        name = self.writer.filename(opened, closes)
        path = self.folder / (f"{name}.gz" if self.probe.gz else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        packer = zlib.compressobj(4, zlib.DEFLATED, 31) if self.probe.gz else None
        handle = _Open(path, path.open("wb"), packer, period, closes, crash)
        handle.write(self.writer.header(opened))
        self.files.append(path)
        return handle

    def _close(self) -> None:
        if self._open is None:
            return
        done, self._open = self._open, None
        closed = None if done.crash else done.closes
        done.write(self.writer.footer(closed, done.records, done.octets, done.packets))
        if done.packer is not None:
            tail = done.packer.flush()
            done.size += len(tail)
            done.stream.write(tail)
        done.stream.close()
        self.size += done.size
