"""Where every exporter's stream stands: templates, sequence numbers, what waits; told commit by commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sekisho.app.collecting.labels import Owners
from sekisho.sources.netflow.decoder import Decoder
from sekisho.sources.netflow.sequence import Sequence
from sekisho.sources.netflow.stored import (
    Stored,
    StoredSet,
    heard,
    restored,
    sequence_of,
    sequence_text,
    streams_of,
)
from sekisho.sources.netflow.waiting import Waiting, WaitingSet
from sekisho.store.streams import HourLoss, Kept, StreamKey, Streams

SFLOW = 105
"""Stands for sFlow version 5 among the versions of NetFlow and IPFIX."""
EACH_LIMIT = 1 << 20
"""Bytes that wait for one template: exporters announce theirs every few minutes."""
MOST_DOMAINS = 1024
"""Observation domains of one exporter; datagrams of more are not read."""
MOST_FIELDS = 25_000
"""Fields of all templates of one exporter, a twentieth of what there is room for: routers with a template
set a line card have some thousands."""
WAITING_OWNERS = 8
"""Exporters that never announce a template and fill the room for what waits only together."""
FORGOTTEN = 14 * 86_400_000_000
"""Microseconds after which a stream that was not heard of any more is forgotten, at the next start."""
_HOUR = 3_600_000_000
_ROW = (1 << 32) - 1
Counts = tuple[int, int, int, int]
"""Received, lost, late, restarts."""
_NOTHING: Counts = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Told:
    """What changed: texts of streams, templates that are waited for no more, and sets that wait since.

    The row of a set holds its segment's number in its upper half.
    """

    bodies: Mapping[StreamKey, str]
    settled: list[tuple[StreamKey, int]]
    fresh: list[StoredSet]


@dataclass(frozen=True, slots=True)
class ExporterState:
    """One stream as people see it. `unit` is what is counted."""

    exporter: str
    version: int
    domain: int
    received: int
    lost: int
    late: int
    restarts: int
    templates: int


class Accounts:
    """The decoder of a collector's life and the sequence numbers of sFlow agents."""

    def __init__(self) -> None:
        self.decoder = Decoder(
            each_limit=MOST_DOMAINS,
            fields_limit=MOST_FIELDS,
            waiting=Waiting(each_limit=EACH_LIMIT, owners=WAITING_OWNERS),
        )
        self.sflow: dict[tuple[str, str, int], Sequence] = {}
        self._stored = Stored(self.decoder)
        self._sflow_told: dict[tuple[str, str, int], str] = {}
        self._last: dict[StreamKey, Counts] = {}
        self.forgotten: list[StreamKey] = []
        """Streams that the manifest need not keep any longer."""

    @classmethod
    def of(cls, streams: Streams, serials: Mapping[int, int]) -> Accounts:
        """As they stood at the last commit; `serials` numbers the files whose sets wait.

        Raises ValueError where what is kept is not what was written.
        """
        accounts = cls()
        plain = {key: body for key, body in streams.bodies.items() if key.version != SFLOW}
        times = {key: heard(body) for key, body in plain.items()}
        limit = max(times.values(), default=0) - FORGOTTEN
        accounts.forgotten = [key for key, at in times.items() if at < limit]
        waiting = [
            StoredSet(
                (one.key.exporter, one.key.version, one.key.domain),
                one.template,
                WaitingSet(one.body, one.export, one.uptime, serials[one.file] << 32 | one.row),
            )
            for one in streams.waiting
        ]
        accounts._stored = restored(
            (
                ((key.exporter, key.version, key.domain), body)
                for key, body in plain.items()
                if times[key] >= limit
            ),
            waiting,
            accounts.decoder,
        )
        for key, body in streams.bodies.items():
            if key.version == SFLOW:
                sender, _, agent = key.exporter.partition(" ")
                name = (sender, agent or sender, key.domain)
                accounts.sflow[name] = sequence_of(body)
                accounts._sflow_told[name] = body
        accounts._last = accounts.counts()
        return accounts

    def apart(self) -> None:
        """What comes next does not follow what came last: what lies between is not lost on the way."""
        known = self.decoder.exporters
        for number, (_, sequence, _) in enumerate(streams_of(known)):
            sequence.expected = None
            known.touched.add(number)
        for sequence in self.sflow.values():
            sequence.expected = None

    def tell(self) -> Told:
        """What changed since this was last asked."""
        bodies = {StreamKey(*stream): body for stream, body in self._stored.changed().items()}
        for name, sequence in self.sflow.items():
            text = sequence_text(sequence)
            if self._sflow_told.get(name) != text:
                self._sflow_told[name] = text
                bodies[_sflow_key(name)] = text
        settled, fresh = self._stored.waiting()
        return Told(bodies, [(StreamKey(*stream), number) for stream, number in settled], fresh)

    def counts(self) -> dict[StreamKey, Counts]:
        """The accounts of every stream."""
        found = {StreamKey(*key): _counts(one) for key, one, _ in streams_of(self.decoder.exporters)}
        return found | {_sflow_key(name): _counts(one) for name, one in self.sflow.items()}

    def moved(self) -> list[tuple[StreamKey, Counts]]:
        """By how much the accounts of streams have changed since this was last asked."""
        known = self.decoder.exporters
        now = {StreamKey(*key): _counts(one) for key, one, _ in streams_of(known, known.touched)}
        now |= {_sflow_key(name): _counts(one) for name, one in self.sflow.items()}
        found = []
        for key, counts in now.items():
            before = self._last.get(key, _NOTHING)
            if counts != before:
                self._last[key] = counts
                received, lost, late, restarts = (a - b for a, b in zip(counts, before, strict=True))
                found.append((key, (received, lost, late, restarts)))
        return found

    @property
    def waiting(self) -> int:
        """Sets of records that wait for their template."""
        held = self.decoder.exporters.waiting
        return sum(len(held.of(key)) for key in held.wanted())

    def waiting_in(self) -> frozenset[int]:
        """The numbers of the segments in which something waits for its template."""
        waiting = self.decoder.exporters.waiting
        return frozenset(one.row >> 32 for key in waiting.wanted() for one in waiting.of(key))

    def states(self) -> list[ExporterState]:
        """The accounts of every stream, with its templates."""
        found = [
            ExporterState(*key, *_counts(one), templates)
            for key, one, templates in streams_of(self.decoder.exporters)
        ]
        for name, one in self.sflow.items():
            key = _sflow_key(name)
            found.append(ExporterState(key.exporter, key.version, key.domain, *_counts(one), 0))
        return found


def losses(
    moved: Iterable[tuple[StreamKey, Counts]], arrival: int, owners: Owners
) -> Iterator[HourLoss]:
    """What changed in the accounts, as losses of the hour of `arrival` (microseconds).

    Where sensors share an exporter, each of them may have lost it.
    """
    hour = arrival // _HOUR * _HOUR
    for key, (received, lost, late, restarts) in moved:
        for sensor in owners.get(key.exporter.partition(" ")[0], ()):
            yield HourLoss(
                hour,
                sensor.name,
                key.exporter,
                received=received,
                lost=lost,
                late=late,
                restarts=restarts,
            )


def dropped(at: int, count: int) -> HourLoss:
    """What a receiver's queue or disk could not take by an instant: nobody knows whose it was."""
    return HourLoss(at // _HOUR * _HOUR, "", "", dropped=count)


def kept(one: StoredSet, file: int) -> Kept:
    """A waiting set as the manifest lists it, in the file that its segment became."""
    held = one.held
    return Kept(
        StreamKey(*one.stream), one.template, file, held.row & _ROW, held.export, held.uptime, held.body
    )


def serial_of(one: StoredSet) -> int:
    """The number of the segment that a set came in."""
    return one.held.row >> 32


def _counts(sequence: Sequence) -> Counts:
    return sequence.received, sequence.lost, sequence.late, sequence.restarts


def _sflow_key(name: tuple[str, str, int]) -> StreamKey:
    sender, agent, sub_agent = name
    return StreamKey(sender if agent == sender else f"{sender} {agent}", SFLOW, sub_agent)
