"""Take logs into the lake: which sensor wrote a file, which reader reads it, what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from sekisho.app import sharing
from sekisho.app.logging import info
from sekisho.app.mappings import load_mapping
from sekisho.app.taking_events import FAMILY, MOST_HOSTS, TakingEvents, in_no_inventory
from sekisho.app.wiring import open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.model.sites import Sensor
from sekisho.sources import files, objects, registry
from sekisho.sources.base import ReadContext, Reader
from sekisho.store.lake import Lake
from sekisho.store.writer import FileIdentity, Known, Writer

COMMIT_ROWS = 2_000_000
"""Rows after which the files read so far are made to count; a kill repeats at most this many."""

YOUNG = timedelta(minutes=1)
"""An object that was written less than this before may be written again without its stamp telling."""

_EVENTS_KNOWN = "its events were taken in before: they count once"

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
    names: int = 0
    logons: int = 0
    events: int = 0
    """Whole events of terminals' logs; of a shared file they stand beside the first sensor."""
    rejected: int = 0
    ignored: int = 0
    unmatched: int = 0
    """Records that no sensor selects; they are told of beside the first sensor of a shared file."""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class IngestSummary:
    """All files, in the order they were read."""

    files: list[FileResult] = field(default_factory=list)
    skipped: tuple[tuple[Path, str], ...] = ()
    """Links met in a folder, and why they were not followed."""
    hosts: set[str] = field(default_factory=set)
    """The computers whose events were kept."""
    notes: tuple[str, ...] = ()
    """What must be known of it all."""

    @property
    def rows(self) -> int:
        """Flows that now count."""
        return sum(result.rows for result in self.files)

    @property
    def names(self) -> int:
        """Names, hashes and fingerprints that were kept beside them."""
        return sum(result.names for result in self.files)

    @property
    def logons(self) -> int:
        """Logons and what else hosts told that was kept beside them."""
        return sum(result.logons for result in self.files)

    @property
    def events(self) -> int:
        """Events of terminals' logs that were kept for rules."""
        return sum(result.events for result in self.files)

    @property
    def unread(self) -> list[FileResult]:
        """Files of which something could not be read."""
        return [result for result in self.files if result.rejected or result.outcome == "set_aside"]


@dataclass(frozen=True, slots=True)
class _Item:
    """A file or an object, and whose records it may hold."""

    name: str
    place: Path | objects.StoredObject
    sensors: tuple[Sensor, ...]


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
        self._memories: dict[str, dict[str, object]] = {}
        self.summary = IngestSummary()

    def run(
        self, paths: Sequence[Path | str], *, sensor: str | None = None, reader: str | None = None
    ) -> IngestSummary:
        """Read all of `paths`; what is known already is passed over, what has grown goes on.

        Text is the address of a store's objects (`s3://bucket/prefix`). Raises RequestError before
        anything is read where a file's sensor cannot be told.
        """
        chosen = registry.by_name(reader) if reader is not None else None
        local = [path for path in paths if isinstance(path, Path)]
        missing = [path for path in local if not path.exists()]
        if missing:
            raise RequestError(f"{missing[0]}: there is no such file or folder")
        found = files.find_files(local)
        stored = [one for text in paths if isinstance(text, str) for one in objects.listing(text)]
        self.summary.skipped = found.skipped
        for path, reason in found.unreadable:
            self.summary.files.append(
                FileResult(str(path), sensor or "", "", "set_aside", notes=(reason,))
            )
        if not found and not found.unreadable and not stored:
            raise RequestError(
                "nothing to read: no file in " + ", ".join(map(str, paths)),
                "an empty folder is not the same as a quiet network; check the path",
            )

        def owners(path: Path | str) -> tuple[Sensor, ...]:
            return sharing.sensors_of(path, self._root, self._sensors, sensor)

        work = [_Item(str(path), path, owners(path)) for path in found]
        work += [_Item(one.name, one, owners(one.name)) for one in stored]
        with self._lake.writer() as writer:
            pending: list[FileResult] = []
            uncommitted = 0
            for place, item in enumerate(work):
                later = partial(_content_of, work, place + 1, item.sensors)
                results = self._item(writer, item, chosen, later)
                pending.extend(results)
                uncommitted += sum(
                    result.rows + result.names + result.logons + result.events for result in results
                )
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
                names=one.names,
                logons=one.logons,
                events=one.events,
                rejected=one.rejected,
            )

    def _item(
        self,
        writer: Writer,
        item: _Item,
        chosen: Reader | None,
        later: Callable[[], Iterator[BinaryIO]],
    ) -> list[FileResult]:
        stored = item.place
        if isinstance(stored, Path):
            return self._file(writer, stored, item.name, item.sensors, chosen, later)
        seen = stored.size, stored.stamp
        names = [one.name for one in item.sensors]
        if all(writer.objects(name).get(item.name) == seen for name in names):
            return [FileResult(item.name, name, "", "known") for name in names]
        try:
            with objects.fetched(stored) as copy:
                results = self._file(writer, copy, item.name, item.sensors, chosen, later)
        except OSError as error:
            return _set_aside(item.name, item.sensors, "", f"cannot be fetched: {error}")
        for one in results:
            if one.outcome != "set_aside" and stored.changed <= self._now - YOUNG:
                writer.note(one.sensor, item.name, *seen)
        return results

    def _file(
        self,
        writer: Writer,
        path: Path,
        name: str,
        sensors: Sequence[Sensor],
        chosen: Reader | None,
        later: Callable[[], Iterator[BinaryIO]],
    ) -> list[FileResult]:
        known, owners = sharing.prefixes({one.name: writer.prefixes(one.name) for one in sensors})
        try:
            head = files.head(path)
            digest = files.digest(path, known)
        except OSError as error:
            return _set_aside(name, sensors, "", f"cannot be read: {error}")
        mapped = next((one for one in sensors if one.mapping), sensors[0])
        reader = chosen or registry.detect(head, mapping=self._mapping(mapped))
        shares: list[sharing.Share] = []
        results: list[FileResult] = []
        for sensor in sensors:
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
            before = sharing.previous(owners, digest.prefix_matches, sensor.name)
            decision = writer.begin(identity, before, beside=bool(shares))
            if isinstance(decision, Known):
                results.append(FileResult(name, sensor.name, identity.reader, "known"))
            else:
                first = decision.first_row
                shares.append(sharing.Share(sensor, decision.file, first, last_row=first - 1))
        if not shares:
            return results
        # What is nobody's was told of before as far as anybody has read.
        shares.sort(key=lambda share: -share.first_row)
        owners_left = [share.sensor for share in shares]
        if reader is None:
            if digest.damage and not head:
                writer.abandon(digest.damage)
                return results + _set_aside(name, owners_left, "", digest.damage)
            looks = files.describe(head)
            writer.abandon(f"no reader knows this format; it looks like {looks}")
            hint = f"looks like {looks}; readers: {', '.join(r.name for r in registry.READERS)}"
            return results + _set_aside(name, owners_left, "", hint)
        strangers = sharing.Strangers(sensors)
        begins = (
            content
            for same in known.values()
            for content, place in same.items()
            if place in digest.prefix_matches
        )
        taking = TakingEvents.of(
            self._lake,
            writer,
            reader,
            name,
            digest.content_sha256,
            begins,
            unterminated=digest.unterminated,
        )
        try:
            self._read(writer, path, name, reader, shares, strangers, later, taking)
            told = () if taking is None else taking.finish()
        except (RequestError, OSError) as error:
            if taking is not None:
                taking.drop()
            writer.abandon(str(error))
            if isinstance(error, RequestError):
                raise
            return results + _set_aside(name, owners_left, reader.name, str(error))
        if taking is not None:
            shares[0].events = taking.events
            shares[0].notes |= dict.fromkeys(told)
            if len(self.summary.hosts) < MOST_HOSTS:
                self.summary.hosts |= taking.hosts
        elif reader.family == FAMILY:
            shares[0].notes[_EVENTS_KNOWN] = None
        shares[0].unmatched = strangers.total
        shares[0].notes |= dict.fromkeys(strangers.notes())
        for share in shares:
            writer.finish(share.last_row, share.spans, tuple(share.notes), share.ignored, share.file)
            results.append(_taken(name, reader, share))
        return results

    def _read(
        self,
        writer: Writer,
        path: Path,
        name: str,
        reader: Reader,
        shares: Sequence[sharing.Share],
        strangers: sharing.Strangers,
        later: Callable[[], Iterator[BinaryIO]],
        taking: TakingEvents | None,
    ) -> None:
        """One pass for all sensors that a reader must know the same about."""
        groups = _alike(shares)
        longest = min(groups, key=lambda alike: alike[3])
        for number, (alike, group) in enumerate(groups.items()):
            whole = taking if alike == longest else None
            context = ReadContext(
                timezone=alike[0],
                sampling=alike[1],
                now=self._now,
                first_row=alike[3],
                mapping=self._mapping(group[0].sensor),
                fields=_fields(strangers.sensors),
                memory=self._memories.setdefault(" ".join(share.sensor.name for share in group), {}),
                later=later,
                events=None if whole is None else whole.after,
            )
            with files.open_content(path) as stream:
                for batch in reader.read(stream, context):
                    for share in group:
                        writer.add(share.take(batch), share.file)
                        names = share.take_names(batch)
                        if names is not None:
                            writer.add_names(names, share.file)
                        logons = share.take_logons(batch)
                        if logons is not None:
                            writer.add_logons(logons, share.file)
                    if whole is not None:
                        whole.take(batch)
                    if number == 0:
                        group[0].take_others(batch)
                        writer.reject(batch.rejects, group[0].file)
                        strangers.add(batch)
                    self._rows += batch.flows.num_rows
                    self._rows += batch.names.num_rows if batch.names is not None else 0
                    self._rows += batch.logons.num_rows if batch.logons is not None else 0
                    self._report(name, batch.last_row, self._rows)

    def _mapping(self, sensor: Sensor) -> Mapping[str, Any] | None:
        return load_mapping(self._root, sensor.mapping) if sensor.mapping else None


def _content_of(work: Sequence[_Item], begin: int, sensors: Sequence[Sensor]) -> Iterator[BinaryIO]:
    """The content of some sensors' files from a place on; those that cannot be opened are met later, and
    objects of a store are not looked into."""
    for item in islice(work, begin, None):
        if not isinstance(item.place, Path) or item.sensors != sensors:
            continue
        try:
            stream = files.open_content(item.place)
        except OSError:
            continue
        with stream:
            yield stream


def _alike(
    shares: Sequence[sharing.Share],
) -> dict[tuple[str, int, str | None, int], list[sharing.Share]]:
    """Shares by time zone, sampling, mapping and first row."""
    groups: dict[tuple[str, int, str | None, int], list[sharing.Share]] = {}
    for share in shares:
        one = share.sensor
        groups.setdefault((one.timezone, one.sampling, one.mapping, share.first_row), []).append(share)
    return groups


def _fields(sensors: Sequence[Sensor]) -> frozenset[str]:
    """The raw columns by which records are told apart."""
    selected = {name for sensor in sensors for name in sensor.match}
    return frozenset(selected | {name for s in sensors for realm in s.realms for name in realm.match})


def _set_aside(name: str, sensors: Sequence[Sensor], reader: str, note: str) -> list[FileResult]:
    return [FileResult(name, one.name, reader, "set_aside", notes=(note,)) for one in sensors]


def _taken(name: str, reader: Reader, share: sharing.Share) -> FileResult:
    outcome: Outcome = "grown" if share.first_row > 1 else "taken"
    return FileResult(
        name,
        share.sensor.name,
        reader.name,
        "partly" if share.rejected else outcome,
        share.rows,
        share.names,
        share.logons,
        share.events,
        share.rejected,
        share.ignored,
        share.unmatched,
        (*_family_note(reader, share.sensor), *share.notes),
    )


def _family_note(reader: Reader, sensor: Sensor) -> tuple[str, ...]:
    if sensor.kind in ("any", reader.family):
        return ()
    return (f"sensor {sensor.name} is of kind {sensor.kind}, this file is {reader.family}",)


def ingest(
    workspace: Workspace,
    paths: Sequence[Path | str],
    *,
    sensor: str | None,
    reader: str | None,
    now: datetime,
    step: Callable[[str, int, int | None], None] | None = None,
) -> IngestSummary:
    """The verb: read `paths` into the workspace's lake and bring its roll-ups up to date.

    Text that is a store's address (`s3://bucket/prefix`) stands for its objects, other text for a path.
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
        places = [path if objects.is_address(str(path)) else Path(path) for path in paths]
        summary = work.run(places, sensor=sensor, reader=reader)
        lake.refresh(traits_of(inventory), progress=tell)
    summary.notes = in_no_inventory(workspace, inventory, summary.hosts, now)
    return summary
