"""Syslog messages of many senders, read by the readers of files."""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.app.collecting.labels import Owners
from sekisho.app.collecting.senders import selecting
from sekisho.model.sites import Sensor
from sekisho.sources import registry
from sekisho.sources.base import RawMapping, ReadContext, Reader, Reject, no_flows

Ints = npt.NDArray[np.int64]

JOINING = frozenset({"cisco-asa"})
"""Readers for which one message may end what another began: they read each sender apart."""
UNKNOWN_FORMAT = "no reader knows this format"
MOST_SENDERS = 65_536
_HEAD = 16_384
_USUAL = 4096
"""Bytes that a message seldom has more of."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one reading of messages gave: flows whose `row` is the record's, and what was none.

    Where sensors that share an address are read differently there are several readings of its messages,
    each of which counts for the sensors `among` only; `first` is the one of them that tells the rest.
    `names` were seen in the flows, in SOURCE_NAMES.
    """

    flows: pa.Table
    fields: pa.Table | None
    rejects: list[Reject]
    ignored: int
    among: frozenset[str] | None = None
    first: bool = True
    names: pa.Table | None = None
    name_fields: pa.Table | None = None


class Messages:
    """Chooses a reader for each sender and remembers it; `memory` is what readers keep of each."""

    def __init__(self) -> None:
        self._readers: OrderedDict[str, str] = OrderedDict()
        self._memories: OrderedDict[str, dict[str, object]] = OrderedDict()

    def read(
        self,
        lines: Mapping[str, Sequence[tuple[int, bytes]]],
        owners: Owners,
        mappings: Mapping[str, RawMapping],
        now: datetime,
    ) -> Iterator[Message]:
        """Read (row, text) of each sender. Those that are read alike are read together.

        `mappings` are the sensors' mapping files, by sensor.
        """
        alike: dict[tuple[Any, ...], list[str]] = {}
        for sender, own in lines.items():
            sensors = owners[sender]
            reader = self._reader(sender, sensors, own, mappings)
            if reader is None:
                yield Message(
                    no_flows(), None, [Reject.of(row, UNKNOWN_FORMAT, text) for row, text in own], 0
                )
                continue
            apart = sender if reader.name in JOINING else ""
            ways = dict.fromkeys(_way(sensor) for sensor in sensors)
            for place, way in enumerate(ways):
                whole = len(ways) == 1
                alike.setdefault((reader.name, apart, way, whole, place == 0), []).append(sender)
        for (name, _, way, whole, first), senders in alike.items():
            mine = [sensor for sender in senders for sensor in owners[sender] if _way(sensor) == way]
            found = self._together(
                registry.by_name(name), senders, mine[0], lines, owners, mappings, now
            )
            among = None if whole else frozenset(sensor.name for sensor in mine)
            yield replace(found, among=among, first=first)

    def _together(
        self,
        reader: Reader,
        senders: Sequence[str],
        sensor: Sensor,
        lines: Mapping[str, Sequence[tuple[int, bytes]]],
        owners: Owners,
        mappings: Mapping[str, RawMapping],
        now: datetime,
    ) -> Message:
        own = sorted(line for sender in senders for line in lines[sender])
        context = ReadContext(
            timezone=sensor.timezone,
            sampling=sensor.sampling,
            now=now,
            mapping=mappings.get(sensor.name),
            fields=frozenset().union(*(selecting(owners[sender]) for sender in senders)),
            memory=self._memory(senders[0] if reader.name in JOINING else reader.name),
        )
        rows = np.array([row for row, _ in own], dtype=np.int64)
        stream = io.BytesIO(b"".join(_line(text) for _, text in own))
        flows, fields, rejects, ignored = [], [], [], 0
        names, name_fields = [], []
        for batch in reader.read(stream, context):
            if batch.flows.num_rows:
                numbers = rows[np.clip(batch.flows["row"].to_numpy(), 1, len(rows)) - 1]
                place = batch.flows.schema.get_field_index("row")
                flows.append(batch.flows.set_column(place, "row", pa.array(numbers)))
                if batch.fields is not None:
                    fields.append(batch.fields)
            if batch.names is not None and batch.names.num_rows:
                numbers = rows[np.clip(batch.names["row"].to_numpy(), 1, len(rows)) - 1]
                place = batch.names.schema.get_field_index("row")
                names.append(batch.names.set_column(place, "row", pa.array(numbers)))
                if batch.name_fields is not None:
                    name_fields.append(batch.name_fields)
            rejects += [
                Reject(int(rows[min(max(one.row, 1), len(rows)) - 1]), one.reason, one.text)
                for one in batch.rejects
            ]
            ignored += batch.ignored
        if rejects and not flows and not ignored:
            # The device may write otherwise since it was updated: look again at what comes next.
            for sender in senders:
                self._readers.pop(sender, None)
        return Message(
            pa.concat_tables(flows) if flows else no_flows(),
            pa.concat_tables(fields) if fields else None,
            rejects,
            ignored,
            names=pa.concat_tables(names) if names else None,
            name_fields=pa.concat_tables(name_fields) if name_fields else None,
        )

    def _reader(
        self,
        sender: str,
        sensors: Sequence[Sensor],
        own: Sequence[tuple[int, bytes]],
        mappings: Mapping[str, RawMapping],
    ) -> Reader | None:
        if sender in self._readers:
            return registry.by_name(self._readers[sender])
        head = _head([text for _, text in own])
        kinds = {sensor.kind for sensor in sensors}
        own_kind = [reader for reader in registry.READERS if reader.family in kinds]
        mapping = next((mappings[one.name] for one in sensors if one.name in mappings), None)
        surest = max(own_kind, key=lambda one: one.detect(head, mapping), default=None)
        if surest is None or surest.detect(head, mapping) == 0:
            surest = registry.detect(head, mapping) or (own_kind[0] if len(own_kind) == 1 else None)
        if surest is not None:
            self._readers[sender] = surest.name
            if len(self._readers) > MOST_SENDERS:
                self._readers.popitem(last=False)
        return surest

    def _memory(self, name: str) -> dict[str, object]:
        memory = self._memories.setdefault(name, {})
        if len(self._memories) > MOST_SENDERS:
            self._memories.popitem(last=False)
        return memory


def _way(sensor: Sensor) -> tuple[str, int, str | None]:
    """What a reader must know of a sensor."""
    return sensor.timezone, sensor.sampling, sensor.mapping


def _head(texts: Sequence[bytes]) -> bytes:
    """What a format is told by: a message longer than others ever are does not hide those behind it."""
    usual = [text for text in texts if len(text) <= _USUAL]
    return b"".join(map(_line, usual or texts))[:_HEAD]


def _line(text: bytes) -> bytes:
    """One message as one line: a line feed within it would begin a message that nobody sent."""
    return text.replace(b"\n", b" ") + b"\n"
