"""What decoding gives: columns of the records of one template, and which message each came in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sekisho.sources.netflow.clocks import NO_BOOT, estimated_boots
from sekisho.sources.netflow.datagrams import Ints
from sekisho.sources.netflow.messages import NO_UPTIME, Fault
from sekisho.sources.netflow.records import Columns
from sekisho.sources.netflow.sampling import Sampling
from sekisho.sources.netflow.sequence import Sequence


@dataclass(slots=True)
class Session:
    """An exporter and its observation domain (IPFIX), source id (v9) or engine (v5)."""

    exporter: str
    version: int
    domain: int
    sampling: Sampling = field(default_factory=Sampling)
    sequence: Sequence = field(default_factory=Sequence)
    boot: int | None = None
    """When the device started, as it said itself, in microseconds."""
    boot_estimate: int = NO_BOOT
    heard: int = 0
    """When its last datagram came, in microseconds, about; 0 where nobody noted it."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Flow records of one template and session.

    `columns` have one entry a record; `counts` says how many records each set holds, and `export`,
    `uptime` and `rows` are of the message that each set stood in.
    """

    session: Session
    columns: Columns
    counts: Ints
    export: Ints
    uptime: Ints
    rows: Ints

    def __len__(self) -> int:
        return int(self.counts.sum())

    def spread(self, of_sets: Ints) -> Ints:
        """A number a set as a number a record."""
        return np.repeat(of_sets, self.counts)


@dataclass(frozen=True, slots=True)
class Records:
    """Records of several chunks with the same columns, one entry a record throughout.

    `export` and `boot` are microseconds, `uptime` milliseconds (see `clocks`), `rate` is packets that
    stand behind one that was looked at, 0 where nobody said. `source` is a place in `sessions`.
    """

    version: int
    columns: Columns
    export: Ints
    uptime: Ints
    boot: Ints
    rate: Ints
    rows: Ints
    sessions: tuple[Session, ...]
    source: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def taken(self, places: Ints) -> Records:
        """Only some of them."""
        return Records(
            self.version,
            {role: values[places] for role, values in self.columns.items()},
            self.export[places],
            self.uptime[places],
            self.boot[places],
            self.rate[places],
            self.rows[places],
            self.sessions,
            self.source[places],
        )


def merged(chunks: Iterable[Chunk]) -> list[Records]:
    """Chunks of the same version and columns put together, so that many exporters cost little more than one."""
    alike: dict[tuple[int, frozenset[str]], list[Chunk]] = {}
    for chunk in chunks:
        alike.setdefault((chunk.session.version, frozenset(chunk.columns)), []).append(chunk)
    return [_records(version, parts) for (version, _), parts in alike.items()]


def _records(version: int, parts: list[Chunk]) -> Records:
    def joined(columns: Iterable[Ints]) -> Ints:
        arrays = list(columns)
        return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)

    return Records(
        version,
        {role: joined(part.columns[role] for part in parts) for role in parts[0].columns},
        joined(part.spread(part.export) for part in parts),
        joined(part.spread(part.uptime) for part in parts),
        joined(_boots(part) for part in parts),
        joined(part.session.sampling.rates(part.columns, len(part)) for part in parts),
        joined(part.spread(part.rows) for part in parts),
        tuple(part.session for part in parts),
        np.repeat(np.arange(len(parts), dtype=np.int64), [len(part) for part in parts]),
    )


def _boots(chunk: Chunk) -> Ints:
    """When the device started, by record, where the message's header does not say its uptime."""
    session = chunk.session
    needed = "end_uptime" in chunk.columns and bool((chunk.uptime == NO_UPTIME).any())
    if not needed or not len(chunk):
        return np.full(len(chunk), NO_BOOT, dtype=np.int64)
    if session.boot is not None:
        return np.full(len(chunk), session.boot, dtype=np.int64)
    boots, session.boot_estimate = estimated_boots(
        session.boot_estimate, chunk.columns["end_uptime"], chunk.export, chunk.counts
    )
    return chunk.spread(boots)


@dataclass(slots=True)
class Decoded:
    """What datagrams held.

    `others` are rows of datagrams or options records that are no flows, one entry each.
    """

    chunks: list[Chunk] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    others: list[Ints] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Loss:
    """How complete one exporter's stream is, by its own numbers; see Sequence for the units."""

    exporter: str
    version: int
    domain: int
    received: int
    lost: int
    late: int
    restarts: int

    @property
    def unit(self) -> str:
        """What is counted."""
        return "datagrams" if self.version == 9 else "records"
