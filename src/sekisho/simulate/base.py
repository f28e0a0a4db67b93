"""What the parts of a simulation share: scales, streams of chance, the request and its summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np

Scale = Literal["small", "medium", "large"]
Progress = Callable[[str, int, int | None], None]
"""Called with (what is being done, how much is done, how much there is)."""

SECOND = 1_000_000
"""Times inside the simulation are integer microseconds since 1970, UTC."""
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made at a scale; clients are those of a full-sized site."""

    flows: int
    days: int
    clients: int
    internet: int


SIZES: dict[str, Size] = {
    "small": Size(flows=48_000, days=10, clients=22, internet=300),
    "medium": Size(flows=1_400_000, days=31, clients=200, internet=3_000),
    "large": Size(flows=11_000_000, days=31, clients=200, internet=12_000),
}


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written. `flows` happened; `rows` are log records, as several sensors see a flow."""

    scenario: str
    out: Path
    seed: int
    scale: str
    begin: datetime
    end: datetime
    sites: int
    sensors: int
    assets: int
    rules: int
    flows: int
    rows: int
    files: int
    size: int
    findings: int
    """Connections that an audit must find (rows of truth/connections.csv)."""
    hops: int


@dataclass(frozen=True, slots=True)
class Dice:
    """Independent streams of chance by name, so that adding a part does not change the others."""

    entropy: tuple[int, ...]

    def stream(self, *names: str | int) -> np.random.Generator:
        """The generator of one purpose; the same names give the same stream."""
        words = [name if isinstance(name, int) else crc32(name.encode()) for name in names]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([*self.entropy, *words])))


class Labels:
    """Names of what must be found, and why it happens; flows carry their number, 0 is ordinary life."""

    def __init__(self) -> None:
        self.names: list[str] = [""]

    def number(self, name: str) -> int:
        """The number of a label, made when it is first asked for."""
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)
