"""Take in registers of terminals, and what was collected from them. A file counts once, by its content."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from sekisho.app.checking.asked import checks_of
from sekisho.app.checking.standing import resolved, strangers
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import FileProblems, RequestError
from sekisho.fleet.checks.base import Check
from sekisho.fleet.checks.registry import TABLES, answers
from sekisho.fleet.collections import edr, evtx, osquery, velociraptor
from sekisho.fleet.collections.base import MAX_LINE, MOST_ASIDE, Collection
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.registers import delimited, ldif
from sekisho.fleet.registers.base import FIELDS
from sekisho.model.fleet import ImportDocument, IntakeItem
from sekisho.model.terminals import Aside, CheckAnswer, Intake, Sighting

MAX_REGISTER = 256 << 20
MAX_COLLECTION = 8 << 30
MAX_LOG = 512 << 20
"""Of a log in JSON: what it holds of each machine is kept in memory until it is judged."""
MOST_FILES = 200_000
_NOT_KEPT = ("unknown", "refused")
_HEAD = 1 << 16
_IN_MEMORY = 64 << 20

Step = Callable[[str, int, int | None], None]
Judge = Callable[[Collection], list[CheckAnswer]]


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


def take_in(
    workspace: Workspace,
    places: Sequence[Path],
    *,
    now: datetime,
    by: str,
    columns: Mapping[str, str] | None = None,
    step: Step | None = None,
) -> ImportDocument:
    """Take in files and folders. What cannot be read is set aside with its place; the rest counts.

    Raises FileProblems for a register without hostnames, RequestError for a file that is not there.
    """
    inventory = read_inventory(workspace)
    checks = checks_of(workspace, now)
    files = list(_files(places))
    named = set(places)
    items: list[IntakeItem] = []
    passed_over = 0
    with open_decisions(workspace) as decisions:
        before = len(resolved(decisions, inventory, now).terminals)
        for n, path in enumerate(files):
            if step is not None:
                step("files", n, len(files))
            one = _one(decisions, path, columns, checks, now, by, named=path in named)
            # A folder that was collected holds much that is nobody's list and nobody's answer.
            if one.kind == "unknown" and path not in named:
                passed_over += 1
            else:
                items.append(one)
        after = resolved(decisions, inventory, now)
        unknown = strangers(decisions.state.fleet().answers(), after)
    return ImportDocument(
        files=tuple(items),
        passed_over=passed_over,
        terminals=len(after.terminals),
        new=len(after.terminals) - before,
        merged=sum(len(t.joined) for t in after.terminals),
        strangers=unknown,
    )


def _files(places: Sequence[Path]) -> Iterator[Path]:
    count = 0
    for place in places:
        if not place.exists():
            raise RequestError(f"{place} is not there")
        # A link in a folder may lead anywhere: what a person named is followed, what lies in it is not.
        found = (
            sorted(p for p in place.rglob("*") if p.is_file() and not p.is_symlink())
            if place.is_dir()
            else [place]
        )
        for path in found:
            count += 1
            if count > MOST_FILES:
                raise RequestError(f"more than {MOST_FILES:,} files", "import them in parts")
            yield path


def _one(
    decisions: Decisions,
    path: Path,
    columns: Mapping[str, str] | None,
    checks: Sequence[Check],
    now: datetime,
    by: str,
    *,
    named: bool,
) -> IntakeItem:
    sha256 = _hash(path)
    store = decisions.state.fleet()
    if store.known(sha256):
        return IntakeItem(file=str(path), kind="known", sha256=sha256, read=0, aside=0, again=True)
    try:
        taken = _read(path, columns or {}, lambda c: list(answers(c, sha256, now, checks)))
    except RequestError as error:
        if named:
            raise
        # A folder that was collected may hold tables that are no list; a list that is meant is named.
        problems = error.problems if isinstance(error, FileProblems) else ()
        aside = [Aside(p.line, p.message) for p in problems] or [Aside(0, str(error))]
        taken = Taken("refused", aside=aside)
    except OSError as error:
        taken = _unknown(f"cannot be read: {error.strerror}")
    read = len(taken.sightings) + len(taken.answers)
    if taken.kind not in _NOT_KEPT:
        body = {
            "sha256": sha256,
            "file": path.name,
            "kind": taken.kind,
            "read": read,
            "aside": taken.aside_count,
        }
        # The entry first: what counts is in the ledger, and an entry without its rows is made whole by
        # importing the file again.
        with decisions.exclusive():
            decisions.decide("fleet.import", body, at=now, by=by)
            kept = Intake(
                sha256,
                path.name,
                taken.kind,
                now,
                by,
                read,
                taken.aside_count,
                tuple(taken.aside[:MOST_ASIDE]),
            )
            store.take_in(kept, taken.sightings, taken.answers)
    return IntakeItem(
        file=str(path),
        kind=taken.kind,
        sha256=sha256,
        read=read,
        aside=taken.aside_count,
        problems=tuple(
            f"{path}:{a.row}: {a.why}" if a.row else f"{path}: {a.why}" for a in taken.aside
        )[:MOST_ASIDE],
        notes=tuple(taken.notes),
    )


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error


def _read(path: Path, columns: Mapping[str, str], judge: Judge) -> Taken:
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        size = path.stat().st_size
        stream.seek(0)
        if evtx.is_evtx(head) or head.startswith(b"PK"):
            if size > MAX_COLLECTION:
                return _unknown(f"is larger than {MAX_COLLECTION >> 20} MiB")
            return _logs(stream, head, judge)
        if head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            if size > MAX_LOG:
                return _unknown(f"is larger than {MAX_LOG >> 20} MiB: split it at the end of a line")
            return _lines(stream, head, columns, judge)
        if ldif.is_ldif(head) or path.suffix.lower() in (".csv", ".tsv", ".txt"):
            if size > MAX_REGISTER:
                return _unknown(f"is larger than {MAX_REGISTER >> 20} MiB")
            return _register(path, stream.read(), columns)
    return _unknown("is neither a list of terminals nor a collection that is known")


def _unknown(why: str) -> Taken:
    return Taken("unknown", aside=[Aside(0, why)])


def _register(path: Path, content: bytes, columns: Mapping[str, str]) -> Taken:
    if ldif.is_ldif(content[:_HEAD]):
        register, kind = ldif.read(content), "ldif"
    else:
        own = {field: column for field, column in columns.items() if field in FIELDS}
        register, kind = delimited.read(str(path), content, own), "csv"
    if register.others:
        register.notes.append(f"{register.others} entries of other kinds were passed over")
    return Taken(kind, register.rows, aside=register.aside, notes=register.notes)


def _logs(stream: BinaryIO, head: bytes, judge: Judge) -> Taken:
    if evtx.is_evtx(head):
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
            shutil.copyfileobj(stream, copy)
            return _collected("evtx", evtx.read(cast(BinaryIO, copy)), judge)
    if not velociraptor.is_collection(stream):
        return _unknown("is no collection of Velociraptor: unpack the ZIP, and import the folder")
    return _collected("velociraptor", velociraptor.read(stream, Look()), judge)


def _lines(stream: BinaryIO, head: bytes, columns: Mapping[str, str], judge: Judge) -> Taken:
    numbered = _numbered(stream)
    if osquery.is_osquery(head):
        return _collected("osquery", osquery.read(numbered, TABLES), judge)
    return _collected("ndjson", edr.read(numbered, TABLES, columns), judge)


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


def _collected(kind: str, collection: Collection, judge: Judge) -> Taken:
    given = judge(collection)
    if collection.machines and not given:
        collection.notes.append("no check is answered by what it holds")
    more = collection.aside_count - len(collection.aside)
    return Taken(kind, answers=given, aside=collection.aside, notes=collection.notes, more=more)
