"""Exporters by hand, a journal that they have sent to, and a committer that empties it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.collecting.committer import Committer
from sekisho.model.sites import Sensor
from sekisho.sources.journal.journal import Journal
from sekisho.store.lake import Lake

NOON = datetime(2024, 3, 4, 12, tzinfo=UTC)
_FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4), (22, 4), (21, 4), (10, 4))
UPTIME = 10_000_000


class Exporter:
    """One device; it goes on numbering what it sends."""

    def __init__(self, address: str, domain: int = 0) -> None:
        self.address = ip_address(address)
        self.domain = domain
        self.sequence = 0
        self._port = 40_000

    def _ends(self) -> tuple[int, int]:
        self._port += 1
        return self._port, 443

    def v5(self, records: int = 2, lose: int = 0) -> bytes:
        """A datagram of so many flows, after so many that are lost on the way."""
        self.sequence += lose
        seconds = int(NOON.timestamp())
        head = struct.pack(
            "!HHIIIIBBH", 5, records, UPTIME, seconds, 0, self.sequence, 0, self.domain, 0
        )
        self.sequence += records
        return head + b"".join(
            struct.pack(
                "!IIIHHIIIIHHBBBBHHBBH",
                *(0x0A280905, 0x0A010005, 0, 7, 2, 3, 300, UPTIME - 2000, UPTIME - 1000),
                *self._ends(),
                *(0, 2, 6, 0, 0, 0, 0, 0, 0),
            )
            for _ in range(records)
        )

    def v9(self, records: int = 0, *, template: bool = False, lose: int = 0) -> bytes:
        """A datagram of v9 with so many flows, and the template before them where it is asked for."""
        self.sequence += lose
        sets = b""
        if template:
            body = struct.pack("!HH", 256, len(_FIELDS))
            body += b"".join(struct.pack("!HH", *field) for field in _FIELDS)
            sets += struct.pack("!HH", 0, len(body) + 4) + body
        if records:
            body = b"".join(
                struct.pack(
                    "!IIHHBIIIII",
                    *(0x0A280905, 0x0A010005, *self._ends()),
                    *(6, 300, 3, UPTIME - 2000, UPTIME - 1000, 7),
                )
                for _ in range(records)
            )
            body += bytes(-len(body) % 4)
            sets += struct.pack("!HH", 256, len(body) + 4) + body
        head = struct.pack("!HHIIII", 9, 1, UPTIME, int(NOON.timestamp()), self.sequence, self.domain)
        self.sequence += 1
        return head + sets

    def sflow(self) -> bytes:
        """A datagram of sFlow with one sampled packet."""
        ip = struct.pack("!BBHHHBBHII", 0x45, 0, 40, 1, 0, 64, 6, 0, 0x0A280905, 0x0A010005)
        tcp = struct.pack("!HHIIBBHHH", *self._ends(), 1, 0, 0x50, 2, 100, 0, 0)
        packet = bytes(12) + b"\x08\0" + ip + tcp
        header = struct.pack("!IIII", 1, len(packet), 0, len(packet)) + packet
        header += bytes(-len(header) % 4)
        record = struct.pack("!II", 1, len(header)) + header
        sample = struct.pack("!IIIIIIII", 1, 1, 100, 0, 0, 7, 2, 1) + record
        body = struct.pack("!II", 1, len(sample)) + sample
        self.sequence += 1
        return (
            struct.pack("!II", 5, 1)
            + self.address.packed
            + struct.pack("!IIII", self.domain, self.sequence, 0, 1)
            + body
        )


Sent = tuple[Any, int, bytes]
"""Address, kind and payload."""


def _write(folder: Path, segments: Iterable[Sequence[Sent]], at: datetime) -> None:
    journal = Journal(folder, segment_seconds=1e9)
    for number, sent in enumerate(segments):
        for place, (address, kind, payload) in enumerate(sent):
            arrival = int((at + timedelta(seconds=number)).timestamp()) * 1_000_000 + place
            journal.append(kind, ip_address(str(address)), 5000, arrival, payload)
        journal.seal()
    journal.close()


@pytest.fixture(scope="session")
def exporter() -> type[Exporter]:
    """A device that exports flows."""
    return Exporter


@pytest.fixture(scope="session")
def noon() -> datetime:
    """When all of it arrives, and a second later each following segment."""
    return NOON


@pytest.fixture
def journal(tmp_path: Path) -> Callable[..., Path]:
    """Seal segments, each a list of (address, kind, payload); the journal's folder."""

    def write(segments: Iterable[Sequence[Sent]], at: datetime = NOON) -> Path:
        _write(tmp_path / "journal", segments, at)
        return tmp_path / "journal"

    return write


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """An empty lake."""
    with Lake.open(tmp_path / "lake", create=True, threads=1, memory_limit="300MB") as opened:
        yield opened


@pytest.fixture
def committer(lake: Lake, tmp_path: Path) -> Callable[..., Any]:
    """A committer of some sensors, as a new process would make it."""

    @contextmanager
    def make(sensors: Sequence[Sensor], mappings: Mapping[str, Any] | None = None) -> Iterator[Any]:
        by_name = {sensor.name: sensor for sensor in sensors}
        yield Committer(
            lake,
            tmp_path / "journal",
            by_name,
            mappings or {},
            retire=lambda segment: segment.path.unlink(),
            clock=lambda: NOON,
        )

    return make
