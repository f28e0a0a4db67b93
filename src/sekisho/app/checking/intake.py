"""Take in registers of terminals, and what was collected from them. A file counts once, by its content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sekisho.app.checking.standing import resolved, strangers
from sekisho.app.decisions import Decisions, open_decisions
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError
from sekisho.fleet.registers import delimited, ldif
from sekisho.model.fleet import ImportDocument, IntakeItem
from sekisho.model.terminals import Aside, CheckAnswer, Intake, Sighting

MAX_REGISTER = 256 << 20
MOST_FILES = 200_000
MOST_ASIDE = 1000
"""Places of one file that are kept and shown; all are counted."""

Step = Callable[[str, int, int | None], None]


@dataclass(slots=True)
class Taken:
    """What one file holds."""

    kind: str
    sightings: Sequence[tuple[int, Sighting]] = ()
    answers: Sequence[CheckAnswer] = ()
    aside: Sequence[Aside] = ()
    notes: list[str] = field(default_factory=list)


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
    files = list(_files(places))
    items: list[IntakeItem] = []
    with open_decisions(workspace) as decisions:
        before = len(resolved(decisions, inventory, now).terminals)
        for n, path in enumerate(files):
            if step is not None:
                step("files", n, len(files))
            items.append(_one(decisions, path, columns, now, by))
        after = resolved(decisions, inventory, now)
        unknown = strangers(decisions.state.fleet().answers(), after)
    return ImportDocument(
        files=tuple(items),
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
    decisions: Decisions, path: Path, columns: Mapping[str, str] | None, now: datetime, by: str
) -> IntakeItem:
    sha256 = _hash(path)
    store = decisions.state.fleet()
    if store.known(sha256):
        return IntakeItem(file=str(path), kind="known", sha256=sha256, read=0, aside=0, again=True)
    taken = _read(path, columns)
    read = len(taken.sightings) + len(taken.answers)
    if taken.kind != "unknown":
        body = {
            "sha256": sha256,
            "file": path.name,
            "kind": taken.kind,
            "read": read,
            "aside": len(taken.aside),
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
                len(taken.aside),
                tuple(taken.aside[:MOST_ASIDE]),
            )
            store.take_in(kept, taken.sightings, taken.answers)
    return IntakeItem(
        file=str(path),
        kind=taken.kind,
        sha256=sha256,
        read=read,
        aside=len(taken.aside),
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


def _read(path: Path, columns: Mapping[str, str] | None) -> Taken:
    if path.stat().st_size > MAX_REGISTER:
        return Taken("unknown", aside=[Aside(0, f"is larger than {MAX_REGISTER >> 20} MiB")])
    content = path.read_bytes()
    if ldif.is_ldif(content[: 1 << 16]):
        register, kind = ldif.read(content), "ldif"
    elif path.suffix.lower() in (".csv", ".tsv", ".txt"):
        register, kind = delimited.read(str(path), content, columns), "csv"
    else:
        return Taken("unknown", aside=[Aside(0, "is no register of terminals that is known")])
    if register.others:
        register.notes.append(f"{register.others} entries of other kinds were passed over")
    return Taken(kind, register.rows, aside=register.aside, notes=register.notes)
