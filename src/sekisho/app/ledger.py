"""Whether the ledger is whole, and what stands in it."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, RequestError
from sekisho.ledger.ledger import Ledger
from sekisho.ledger.publish.base import NotPublished
from sekisho.ledger.publish.file import FileWitness
from sekisho.ledger.verifier import Checkpoint, Flaw, read_checkpoints, read_key
from sekisho.ledger.verify import Report, verify_ledger
from sekisho.model.entries import Entry
from sekisho.state.records import Cursor
from sekisho.state.state import State

_LARGEST_HEADS = 64 << 20


def verify(
    workspace: Workspace,
    *,
    heads: Sequence[Checkpoint] = (),
    keys: Collection[bytes] = (),
    leaves: bytearray | None = None,
    outside: bool = True,
) -> Report:
    """Check every entry and link: against the remembered head, what the state has followed, the heads
    that were signed and are kept here, those given, and with `outside` those in the file that the
    settings name."""
    cursor = _cursor(workspace)
    known = {cursor.seq: cursor.hash} if cursor.seq else None
    witnessed: tuple[Checkpoint, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    file = witness_file(workspace)
    if outside and file is not None:
        try:
            witnessed = FileWitness(file).heads()
        except NotPublished as error:
            flaws = (Flaw("witness", 0, 0, f"{error}: the ledger was not held against it"),)
    report = verify_ledger(workspace.ledger, known, (*heads, *witnessed), keys, leaves)
    return replace(report, flaws=(*report.flaws, *flaws))


def witness_file(workspace: Workspace) -> Path | None:
    """The file outside that signed heads are published to, where the settings name one."""
    file = workspace.settings(os.environ).settings.ledger.file
    return None if file is None else workspace.root / file


def read_heads(path: Path) -> tuple[Checkpoint, ...]:
    """Signed heads from a file, such as what a witness kept. Raises RequestError."""
    try:
        with path.open("rb") as stream:
            return read_checkpoints(stream.read(_LARGEST_HEADS))
    except OSError as error:
        raise RequestError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        mend = "It must hold signed heads and nothing else, as they were published."
        raise RequestError(f"{path} {error}", mend) from error


def read_public(text: str) -> bytes:
    """A public key as `sekisho ledger key` shows it. Raises RequestError."""
    try:
        return read_key(text)[1]
    except ValueError as error:
        raise RequestError(f"{text[:80]!r} is no key: {error}") from error


def _cursor(workspace: Workspace) -> Cursor:
    where = workspace.state_url(os.environ)
    if where == workspace.state and not workspace.state.is_file():
        return Cursor()
    try:
        with State.open(where) as state:
            return state.cursor()
    except IntegrityError:
        # A damaged state says nothing about the ledger; `sekisho doctor` names it.
        return Cursor()


def entries(workspace: Workspace, limit: int) -> Sequence[Entry]:
    """The last entries, at most `limit`, oldest first. Raises IntegrityError."""
    last: list[Entry] = []
    ledger = Ledger(workspace.ledger)
    taken = _cursor(workspace).seq
    if ledger.head().seq == 0 and taken:
        raise IntegrityError(
            f"the ledger is gone; decisions up to its entry {taken} count",
            "Restore data/ledger from a backup.",
        )
    for entry in ledger.entries():
        last.append(entry)
        if len(last) > 2 * limit:
            del last[:-limit]
    return last[-limit:]
