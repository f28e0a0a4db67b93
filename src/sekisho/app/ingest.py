"""Take logs into the lake: which sensor wrote a file, which reader reads it, what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.app.logging import info
from sekisho.app.mappings import load_mapping
from sekisho.app.wiring import open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.sites import Sensor
from sekisho.sources import files, registry
from sekisho.sources.base import Batch, ReadContext, Reader
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity, Known, Writer

COMMIT_ROWS = 2_000_000
"""Rows after which the files read so far are made to count; a kill repeats at most this many."""

Outcome = Literal["taken", "grown", "known", "partly", "set_aside"]
Progress = Callable[[str, int, int], None]
"""Told (file, bytes of it, rows so far) as work goes on."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file for one sensor."""

    path: str
    sensor: str
    reader: str
    outcome: Outcome
    rows: int = 0
    rejected: int = 0
    ignored: int = 0
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class IngestSummary:
    """All files, in the order they were read."""

    files: list[FileResult] = field(default_factory=list)
    skipped: tuple[tuple[Path, str], ...] = ()
    """Links met in a folder, and why they were not followed."""

    @property
    def rows(self) -> int:
        """Flows that now count."""
        return sum(result.rows for result in self.files)

    @property
    def unread(self) -> list[FileResult]:
        """Files of which something could not be read."""
        return [result for result in self.files if result.rejected or result.outcome == "set_aside"]


def sensors_of(
    path: Path, root: Path, sensors: Mapping[str, Sensor], named: str | None
) -> tuple[Sensor, ...]:
    """The sensors whose records a file holds; several only where each selects its own by `match`.

    By name where the person gave one, else by the sensors' `paths`, else by the folder under `logs/`
    that bears a sensor's name. Raises RequestError with the choices; never makes a sensor up.
    """
    choices = ", ".join(sorted(sensors)) or "none yet: add one under `sensors:`"
    if named is not None:
        if named not in sensors:
            raise RequestError(f"no sensor is called {named!r}", f"sensors in sites.yaml: {choices}")
        return (sensors[named],)
    relative = _relative(path, root)
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
    parts = Path(relative).parts if relative is not None else path.resolve().parts
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


class Ingest:
    """One run over files and folders; `report` hears of progress."""

    def __init__(
        self,
        lake: Lake,
        root: Path,
        sensors: Mapping[str, Sensor],
        *,
        now: datetime,
        report: Progress | None = None,
        commit_rows: int = COMMIT_ROWS,
    ) -> None:
        self._lake = lake
        self._root = root
        self._sensors = sensors
        self._now = now
        self._report = report or (lambda _file, _bytes, _rows: None)
        self._commit_rows = commit_rows
        self._rows = 0
        self.summary = IngestSummary()

    def run(
        self, paths: Sequence[Path], *, sensor: str | None = None, reader: str | None = None
    ) -> IngestSummary:
        """Read all of `paths`; what is known already is passed over, what has grown goes on.

        Raises RequestError before anything is read where a file's sensor cannot be told.
        """
        chosen = registry.by_name(reader) if reader is not None else None
        missing = [path for path in paths if not path.exists()]
        if missing:
            raise RequestError(f"{missing[0]}: there is no such file or folder")
        found = files.find_files(paths)
        self.summary.skipped = found.skipped
        for path, reason in found.unreadable:
            self.summary.files.append(
                FileResult(str(path), sensor or "", "", "set_aside", notes=(reason,))
            )
        if not found and not found.unreadable:
            raise RequestError(
                "nothing to read: no file in " + ", ".join(map(str, paths)),
                "an empty folder is not the same as a quiet network; check the path",
            )
        work = [
            (path, one) for path in found for one in sensors_of(path, self._root, self._sensors, sensor)
        ]
        with self._lake.writer() as writer:
            pending: list[FileResult] = []
            uncommitted = 0
            for path, one in work:
                result = self._file(writer, path, one, chosen)
                pending.append(result)
                uncommitted += result.rows
                if uncommitted >= self._commit_rows:
                    self._commit(writer, pending)
                    pending, uncommitted = [], 0
            self._commit(writer, pending)
        return self.summary

    def _commit(self, writer: Writer, results: Sequence[FileResult]) -> None:
        writer.commit()
        # Only what has been made durable is reported as taken.
        self.summary.files.extend(results)
        for one in results:
            info(
                "file",
                path=one.path,
                sensor=one.sensor,
                reader=one.reader,
                outcome=one.outcome,
                rows=one.rows,
                rejected=one.rejected,
            )

    def _file(self, writer: Writer, path: Path, sensor: Sensor, chosen: Reader | None) -> FileResult:
        name = str(path)
        known = writer.prefixes(sensor.name)
        try:
            head = files.head(path)
            digest = files.digest(path, known)
        except OSError as error:
            return FileResult(name, sensor.name, "", "set_aside", notes=(f"cannot be read: {error}",))
        reader = chosen or registry.detect(head, mapping=self._mapping(sensor))
        identity = FileIdentity(
            path=name,
            sensor=sensor.name,
            reader=reader.name if reader else "",
            raw_sha256=digest.raw_sha256,
            raw_size=digest.raw_size,
            content_sha256=digest.content_sha256,
            content_size=digest.content_size,
            unterminated=digest.unterminated,
        )
        decision = writer.begin(identity, digest.prefix_match)
        if isinstance(decision, Known):
            return FileResult(name, sensor.name, identity.reader, "known")
        if reader is None:
            if digest.damage and not head:
                writer.abandon(digest.damage)
                return FileResult(name, sensor.name, "", "set_aside", notes=(digest.damage,))
            looks = files.describe(head)
            writer.abandon(f"no reader knows this format; it looks like {looks}")
            hint = f"looks like {looks}; readers: {', '.join(r.name for r in registry.READERS)}"
            return FileResult(name, sensor.name, "", "set_aside", notes=(hint,))
        notes = _family_note(reader, sensor)
        context = ReadContext(
            timezone=sensor.timezone,
            sampling=sensor.sampling,
            now=self._now,
            first_row=decision.first_row,
            mapping=self._mapping(sensor),
            fields=frozenset(sensor.match) | {key for realm in sensor.realms for key in realm.match},
        )
        totals = _Totals(last_row=decision.first_row - 1)
        try:
            with files.open_content(path) as stream:
                for batch in reader.read(stream, context):
                    flows = assign(batch, sensor)
                    writer.add(flows)
                    writer.reject(batch.rejects)
                    totals.add(batch, flows.num_rows)
                    self._rows += flows.num_rows
                    self._report(name, totals.last_row, self._rows)
        except (RequestError, OSError) as error:
            writer.abandon(str(error))
            if isinstance(error, RequestError):
                raise
            return FileResult(name, sensor.name, reader.name, "set_aside", notes=(str(error),))
        writer.finish(totals.last_row, tuple(totals.spans), tuple(totals.notes), totals.ignored)
        outcome: Outcome = "grown" if decision.first_row > 1 else "taken"
        return FileResult(
            name,
            sensor.name,
            reader.name,
            "partly" if totals.rejected else outcome,
            totals.rows,
            totals.rejected,
            totals.ignored,
            (*notes, *dict.fromkeys(totals.notes)),
        )

    def _mapping(self, sensor: Sensor) -> Mapping[str, Any] | None:
        return load_mapping(self._root, sensor.mapping) if sensor.mapping else None


@dataclass(slots=True)
class _Totals:
    last_row: int
    rows: int = 0
    rejected: int = 0
    ignored: int = 0
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, batch: Batch, rows: int) -> None:
        self.last_row = max(self.last_row, batch.last_row)
        self.rows += rows
        self.rejected += len(batch.rejects)
        self.ignored += batch.ignored
        self.spans.extend(batch.spans)
        self.notes.extend(batch.notes)


def _family_note(reader: Reader, sensor: Sensor) -> tuple[str, ...]:
    if sensor.kind in ("any", reader.family):
        return ()
    return (f"sensor {sensor.name} is of kind {sensor.kind}, this file is {reader.family}",)


def assign(batch: Batch, sensor: Sensor) -> pa.Table:
    """The flows of a batch that are this sensor's, with sensor and realms set.

    `match` keeps the records whose fields equal it; `realms` maps records to address spaces, the first
    entry that matches wins, the sensor's own realm is for the rest.
    """
    flows = batch.flows
    names = [sensor.realm, *(entry.realm for entry in sensor.realms)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    codes = np.zeros(flows.num_rows, dtype=np.int32)
    for entry in reversed(sensor.realms):
        codes[_matches(batch, entry.match)] = numbers[entry.realm]
    realms = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(numbers), pa.string()))
    sensors = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(flows.num_rows, dtype=np.int32)), pa.array([sensor.name], pa.string())
    )
    flows = (
        flows.append_column("sensor", sensors)
        .append_column("src_realm", realms)
        .append_column("dst_realm", realms)
    )
    return flows.filter(pa.array(_matches(batch, sensor.match))) if sensor.match else flows


def _matches(batch: Batch, wanted: Mapping[str, str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    mask = np.ones(batch.flows.num_rows, dtype=np.bool_)
    for name, value in wanted.items():
        if batch.fields is None or name not in batch.fields.column_names:
            return np.zeros(batch.flows.num_rows, dtype=np.bool_)
        equal = pc.fill_null(pc.equal(batch.fields[name], str(value)), fill_value=False)
        mask &= equal.to_numpy(zero_copy_only=False)
    return mask


def ingest(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    sensor: str | None,
    reader: str | None,
    now: datetime,
    step: Callable[[str, int, int | None], None] | None = None,
) -> IngestSummary:
    """The verb: read `paths` into the workspace's lake and bring its roll-ups up to date.

    Needs sites.yaml for its sensors, and no policy. Raises RequestError as `Ingest.run` does.
    """
    inventory = read_inventory(workspace)
    tell = step or (lambda _what, _done, _all: None)
    with open_lake(workspace) as lake:
        work = Ingest(
            lake,
            workspace.root,
            inventory.sensors,
            now=now,
            report=lambda file, row, _total: tell(Path(file).name, row, None),
        )
        summary = work.run(paths, sensor=sensor, reader=reader)
        lake.refresh(traits_of(inventory), progress=tell)
    return summary
