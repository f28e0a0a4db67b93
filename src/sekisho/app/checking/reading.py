"""What one file, or one machine's files, hold: a list of terminals, or answers of some."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from sekisho.app.checking.keeping import LakeKeeper
from sekisho.app.checking.units import Unit
from sekisho.fleet.checks.registry import TABLES
from sekisho.fleet.collections import edr, event_lines, evtx, kape, osquery, velociraptor
from sekisho.fleet.collections.base import MAX_LINE, Collection
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.collections.members import of_file, of_folder
from sekisho.fleet.registers import delimited, ldif
from sekisho.fleet.registers.base import FIELDS
from sekisho.model.terminals import Aside, CheckAnswer, Sighting

MAX_REGISTER = 256 << 20
MAX_COLLECTION = 8 << 30
MAX_LOG = 512 << 20
"""Of a log in JSON: what it holds of each machine is kept in memory until it is judged."""
_HEAD = 1 << 16
_IN_MEMORY = 64 << 20

Judge = Callable[[Collection, str], list[CheckAnswer]]
"""What a collection answers, from a file of a hash."""


@dataclass(slots=True)
class Taken:
    """What one file holds."""

    kind: str
    sightings: Sequence[tuple[int, Sighting]] = ()
    answers: Sequence[CheckAnswer] = ()
    aside: Sequence[Aside] = ()
    notes: list[str] = field(default_factory=list)
    more: int = 0
    """Parts that were set aside beyond those that are listed."""

    @property
    def aside_count(self) -> int:
        """All that were set aside."""
        return len(self.aside) + self.more


@dataclass(frozen=True, slots=True)
class Reader:
    """How files are read: `columns` of lists, `look` for files of machines, `host` whose these are where a
    person says so, and who judges."""

    columns: Mapping[str, str]
    look: Look
    host: str
    judge: Judge
    keeper: LakeKeeper | None = None

    def read(self, unit: Unit, sha256: str) -> Taken:
        """What a unit of that hash holds; events of its logs are kept, and do not count yet.

        Raises RequestError for a list that is none, OSError.
        """
        if self.keeper is not None:
            self.keeper.begin(sha256, unit.path.name)
        return self._read(unit, sha256)

    def _read(self, unit: Unit, sha256: str) -> Taken:
        if unit.tree:
            found = Collection()
            with of_folder(unit.path, found) as members:
                kape.gather(members, found, unit.path.name, self.look.fresh(), self.host)
            return self._collected("files" if self.host else "kape", found, sha256)
        with unit.path.open("rb") as stream:
            head = stream.read(_HEAD)
            size = unit.path.stat().st_size
            stream.seek(0)
            packed = head.startswith((b"PK\3\4", b"PK\5\6"))
            if evtx.is_evtx(head) or packed or self.host:
                if size > MAX_COLLECTION:
                    return unknown(f"is larger than {MAX_COLLECTION >> 20} MiB")
                return self._files(unit.path, stream, sha256, packed=packed)
            if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
                if size > MAX_LOG:
                    return unknown(f"is larger than {MAX_LOG >> 20} MiB: split it at the end of a line")
                return self._lines(stream, head, sha256)
            if ldif.is_ldif(head) or unit.path.suffix.lower() in (".csv", ".tsv", ".txt"):
                if size > MAX_REGISTER:
                    return unknown(f"is larger than {MAX_REGISTER >> 20} MiB")
                return _register(unit.path, stream.read(), self.columns)
        return unknown("is neither a list of terminals nor a collection that is known")

    def _files(self, path: Path, stream: BinaryIO, sha256: str, *, packed: bool) -> Taken:
        if packed and velociraptor.is_collection(stream):
            return self._collected("velociraptor", velociraptor.read(stream, self.look.fresh()), sha256)
        if packed and (self.host or kape.is_copy(stream)):
            found = kape.read_zip(stream, path.name, self.look.fresh(), self.host)
            return self._collected("files" if self.host else "kape", found, sha256)
        if self.host:
            found = Collection()
            with of_file(path) as members:
                kape.gather(members, found, path.name, self.look.fresh(), self.host)
            return self._collected("files", found, sha256)
        if packed:
            return unknown(
                "is no collection of Velociraptor, nor one machine's drive: unpack the ZIP and import the"
                " folder, or say whose files it holds with --host"
            )
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            shutil.copyfileobj(stream, copy)
            found = evtx.read(cast(BinaryIO, copy), self.look.log(""))
            return self._collected("evtx", found, sha256)

    def _lines(self, stream: BinaryIO, head: bytes, sha256: str) -> Taken:
        numbered = _numbered(stream)
        if event_lines.is_events(head):
            return self._collected("events", event_lines.read(numbered, self.look.log("")), sha256)
        if osquery.is_osquery(head):
            return self._collected("osquery", osquery.read(numbered, TABLES), sha256)
        return self._collected("ndjson", edr.read(numbered, TABLES, self.columns), sha256)

    def _collected(self, kind: str, collection: Collection, sha256: str) -> Taken:
        given = self.judge(collection, sha256)
        if collection.machines and not given and kind != "events":
            collection.notes.append("no check is answered by what it holds")
        if self.keeper is not None:
            # Whose the files of a collection are is one machine's name; a log's own events say it themselves.
            owners = [who for who, _ in collection.machines.values()]
            whole = kind in ("kape", "files", "velociraptor") and len(owners) == 1
            self.keeper.end(owners[0] if whole else None, collection.notes)
        more = collection.aside_count - len(collection.aside)
        return Taken(kind, answers=given, aside=collection.aside, notes=collection.notes, more=more)


def unknown(why: str) -> Taken:
    """A file that is not known, and why."""
    return Taken("unknown", aside=[Aside(0, why)])


def _register(path: Path, content: bytes, columns: Mapping[str, str]) -> Taken:
    if ldif.is_ldif(content[:_HEAD]):
        register, kind = ldif.read(content), "ldif"
    else:
        own = {field: column for field, column in columns.items() if field in FIELDS}
        register, kind = delimited.read(str(path), content, own), "csv"
    if register.others:
        were = "entry of another kind was" if register.others == 1 else "entries of other kinds were"
        register.notes.append(f"{register.others:,} {were} passed over")
    return Taken(kind, register.rows, aside=register.aside, notes=register.notes)


def _numbered(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := stream.readline(MAX_LINE + 2):
        number += 1
        whole = line.endswith(b"\n") or len(line) <= MAX_LINE
        while not whole and (rest := stream.readline(MAX_LINE)):
            whole = rest.endswith(b"\n")
        text = line.removeprefix(b"\xef\xbb\xbf").strip()
        if text:
            yield number, text
