"""Whether the ledger is whole, and what stands in it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError
from sekisho.ledger.ledger import Ledger
from sekisho.ledger.verify import Report, verify_ledger
from sekisho.model.entries import Entry
from sekisho.state.records import Cursor
from sekisho.state.state import State


def verify(workspace: Workspace) -> Report:
    """Check every entry and link, against the remembered head and what the state has followed."""
    cursor = _cursor(workspace)
    return verify_ledger(workspace.ledger, {cursor.seq: cursor.hash} if cursor.seq else None)


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
    for entry in Ledger(workspace.ledger).entries():
        last.append(entry)
        if len(last) > 2 * limit:
            del last[:-limit]
    return last[-limit:]
