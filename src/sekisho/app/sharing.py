"""Whose a file's records are, where several sensors' stand in one export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.errors import RequestError
from sekisho.model.sites import Sensor
from sekisho.sources.base import Batch
from sekisho.sources.spans import Alive

Bools = npt.NDArray[np.bool_]
Known = Mapping[int, Mapping[str, int]]
"""Files by SHA-256 of their content, by its size."""

MOST_NAMED = 10
"""Values of which a note tells, those with the most records first."""
MOST_COUNTED = 10_000
"""Different values that are told apart; what comes after is counted together."""
_SHOWN = 60
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), "�")


def sensors_of(
    path: Path | str, root: Path, sensors: Mapping[str, Sensor], named: str | None
) -> tuple[Sensor, ...]:
    """The sensors whose records a file holds; several only where each selects its own by `match`.

    By name where the person gave one, else by the sensors' `paths`, else by the folder under `logs/`
    that bears a sensor's name. Of an object in a store `path` is its whole name, with which globs are
    compared. Raises RequestError with the choices; never makes a sensor up.
    """
    choices = ", ".join(sorted(sensors)) or "none yet: add one under `sensors:`"
    if named is not None:
        if named not in sensors:
            raise RequestError(f"no sensor is called {named!r}", f"sensors in sites.yaml: {choices}")
        return (sensors[named],)
    relative = path if isinstance(path, str) else _relative(path, root)
    if relative is not None:
        by_glob = tuple(
            sensor
            for sensor in sensors.values()
            if any(fnmatch(relative, pattern) for pattern in sensor.paths)
        )
        if len(by_glob) > 1 and not all(sensor.match for sensor in by_glob):
            names = ", ".join(sensor.name for sensor in by_glob)
            raise RequestError(
                f"{path}: the `paths` of several sensors match ({names})",
                "give each a `match:` that selects its records, or narrow the globs",
            )
        if by_glob:
            return by_glob
    parts = Path(relative if relative is not None else Path(path).resolve()).parts
    for folder, below in pairwise(parts[:-1]):
        if folder == "logs" and below in sensors:
            return (sensors[below],)
    raise RequestError(
        f"{path}: which sensor wrote it?",
        f"pass --sensor NAME, put it under logs/NAME/, or give a sensor `paths:`; sensors: {choices}",
    )


def _relative(path: Path, root: Path) -> str | None:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return None


@dataclass(slots=True)
class Share:
    """One sensor's part of a file that is being read: what it came to so far."""

    sensor: Sensor
    file: int
    first_row: int
    last_row: int = 0
    rows: int = 0
    names: int = 0
    logons: int = 0
    events: int = 0
    rejected: int = 0
    ignored: int = 0
    unmatched: int = 0
    notes: dict[str, None] = field(default_factory=dict)
    _spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    _alive: Alive = field(default_factory=Alive)

    def take(self, batch: Batch) -> pa.Table:
        """Its flows of a batch. What shows that some device was alive shows nothing of another: where a
        sensor selects its records, only those do."""
        flows = assign(batch, self.sensor)
        self.last_row = max(self.last_row, batch.last_row)
        self.rows += flows.num_rows
        if self.sensor.match:
            self._alive.add(flows)
        else:
            self._spans.extend(batch.spans)
        return flows

    def take_names(self, batch: Batch) -> pa.Table | None:
        """Its names of a batch, None where that has none."""
        if batch.names is None:
            return None
        names = assign(_named(batch), self.sensor)
        self.names += names.num_rows
        return names

    def take_logons(self, batch: Batch) -> pa.Table | None:
        """Its logons of a batch, None where that has none."""
        if batch.logons is None:
            return None
        logons = assign(Batch(batch.logons, fields=batch.logon_fields), self.sensor)
        self.logons += logons.num_rows
        return logons

    def take_others(self, batch: Batch) -> None:
        """What of a batch is nobody's: it is told of once, whoever shares the file."""
        self.rejected += len(batch.rejects)
        self.ignored += batch.ignored
        self.notes |= dict.fromkeys(batch.notes)

    @property
    def spans(self) -> tuple[tuple[datetime, datetime], ...]:
        """Times at which the sensor was shown to be alive."""
        return (*self._spans, *self._alive.spans())


class Strangers:
    """Records that no sensor selects, counted by the values of the fields that sensors select by."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self.sensors = sensors
        self._names = sorted({name for sensor in sensors for name in sensor.match})
        self._counts: Counter[tuple[str | None, ...]] = Counter()
        self._more = 0

    @property
    def total(self) -> int:
        """How many there were."""
        return self._counts.total() + self._more

    def add(self, batch: Batch) -> None:
        """Count those of a batch."""
        if batch.names is not None:
            self.add(_named(batch, each_line=True))
        if batch.logons is not None:
            self.add(Batch(batch.logons, fields=batch.logon_fields))
        if not batch.flows.num_rows or not all(sensor.match for sensor in self.sensors):
            return
        strange = np.ones(batch.flows.num_rows, dtype=np.bool_)
        for sensor in self.sensors:
            strange &= ~matches(batch, sensor.match)
        if not strange.any():
            return
        nothing = pa.nulls(batch.flows.num_rows, pa.string())
        fields = batch.fields
        columns = [
            fields[name] if fields is not None and name in fields.column_names else nothing
            for name in self._names
        ]
        table = pa.table(columns, names=[str(place) for place in range(len(columns))])
        table = table.filter(pa.array(strange))
        counted = table.group_by(table.column_names).aggregate([([], "count_all")])
        for row in counted.to_pylist():
            count = row.pop("count_all")
            values = tuple(row[name] for name in table.column_names)
            if values in self._counts or len(self._counts) < MOST_COUNTED:
                self._counts[values] += count
            else:
                self._more += count

    def notes(self) -> tuple[str, ...]:
        """What a person must know, with the values as the records have them."""
        if not self.total:
            return ()
        told = [
            f"{', '.join(self._named(values))} ({count:,})"
            for values, count in sorted(
                self._counts.items(),
                key=lambda item: (-item[1], [(value is None, value or "") for value in item[0]]),
            )[:MOST_NAMED]
        ]
        rest = len(self._counts) - len(told)
        if rest or self._more:
            told.append(f"and {rest:,} other values{' and more' if self._more else ''}")
        records = "record is" if self.total == 1 else "records are"
        mend = "add a sensor with such a `match:` and ingest it again"
        return (
            f"{self.total:,} {records} of no sensor that shares this file: {'; '.join(told)}; {mend}",
        )

    def _named(self, values: tuple[str | None, ...]) -> Iterator[str]:
        for name, value in zip(self._names, values, strict=True):
            yield f"{name} {value.translate(_CONTROL)[:_SHOWN]}" if value else f"without {name}"


def prefixes(known: Mapping[str, Known]) -> tuple[Known, list[dict[str, int]]]:
    """What several sensors' files may have grown from, to be looked for in one pass.

    `known` is by sensor. The numbers in the answer are places in the list beside it, which has the file
    of each sensor that knows such a content.
    """
    merged: dict[int, dict[str, int]] = {}
    owners: list[dict[str, int]] = []
    for sensor, sizes in known.items():
        for size, hashes in sizes.items():
            places = merged.setdefault(size, {})
            for sha256, file in hashes.items():
                place = places.setdefault(sha256, len(owners))
                if place == len(owners):
                    owners.append({})
                owners[place][sensor] = file
    return merged, owners


def previous(owners: Sequence[Mapping[str, int]], places: Sequence[int], sensor: str) -> int | None:
    """The longest of the contents found that the sensor knows."""
    return next((owners[place][sensor] for place in reversed(places) if sensor in owners[place]), None)


def assign(batch: Batch, sensor: Sensor) -> pa.Table:
    """The flows of a batch that are this sensor's, with sensor and realms set.

    `match` keeps the records whose fields equal it; `realms` maps records to address spaces, the first
    entry that matches wins, the sensor's own realm is for the rest.
    """
    flows = batch.flows
    names = [sensor.realm, *(entry.realm for entry in sensor.realms)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    codes = np.full(flows.num_rows, numbers[sensor.realm], dtype=np.int32)
    for entry in reversed(sensor.realms):
        codes[matches(batch, entry.match)] = numbers[entry.realm]
    realms = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(numbers), pa.string()))
    sensors = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(flows.num_rows, dtype=np.int32)), pa.array([sensor.name], pa.string())
    )
    flows = (
        flows.append_column("sensor", sensors)
        .append_column("src_realm", realms)
        .append_column("dst_realm", realms)
    )
    return flows.filter(pa.array(matches(batch, sensor.match))) if sensor.match else flows


def _named(batch: Batch, *, each_line: bool = False) -> Batch:
    """A batch's names with their fields in the place of flows: whose they are is told the same way.

    `each_line`: one of each line alone, of those that gave no flow.
    """
    names, fields = batch.names, batch.name_fields
    if each_line and names is not None and names.num_rows:
        rows = names["row"].to_numpy()
        alone = (np.diff(rows, prepend=0) != 0) & ~np.isin(rows, batch.flows["row"].to_numpy())
        first = pa.array(alone)
        names, fields = names.filter(first), None if fields is None else fields.filter(first)
    return Batch(names, fields=fields)


def matches(batch: Batch, wanted: Mapping[str, str]) -> Bools:
    """Which records have all the values wanted; one without the field has none."""
    mask = np.ones(batch.flows.num_rows, dtype=np.bool_)
    for name, value in wanted.items():
        if batch.fields is None or name not in batch.fields.column_names:
            return np.zeros(batch.flows.num_rows, dtype=np.bool_)
        equal: Any = pc.fill_null(pc.equal(batch.fields[name], str(value)), fill_value=False)
        mask &= equal.to_numpy() if isinstance(equal, pa.ChunkedArray) else _numpy(equal)
    return mask


def _numpy(column: Any) -> Any:
    return column.to_numpy(zero_copy_only=False)
