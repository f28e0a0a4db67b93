"""Where people's decisions go: an entry of the ledger first, then the state that follows it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sekisho.app.logging import info
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError
from sekisho.ledger.ledger import Ledger
from sekisho.model.entries import Entry
from sekisho.state.state import State

_RESTORE = (
    "Restore data/ledger from a backup; `sekisho ledger verify` says what is missing. Where that is lost for"
    " good, move data/state away, or name a new database: what the ledger has is read again from it."
)


class Decisions:
    """The ledger and the state of a workspace, together."""

    def __init__(self, ledger: Ledger, state: State) -> None:
        self.ledger = ledger
        self.state = state

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other deciders out, with all that they decided before in view."""
        with self.ledger.exclusive():
            self._follow()
            yield

    def follow(self) -> None:
        """Take in what others decided since."""
        self._follow()

    def decide(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        at: datetime,
        by: str,
        contents: Iterable[bytes] = (),
    ) -> Entry:
        """Record one decision; when this returns it is on disk and counts.

        `contents` are bytes whose hashes the body names. Killed in between, either nothing was decided
        or the next opening takes the entry over.
        """
        self.state.keep(contents)
        entry = self.ledger.append(kind, body, at, by)
        self._follow()
        info("decided", kind=kind, seq=entry.seq, by=by)
        return entry

    def _follow(self) -> None:
        # Asked for first: what others decide meanwhile moves the ledger before it moves the state.
        taken = self.state.cursor()
        head = self.ledger.settle()
        if head.seq < taken.seq:
            raise IntegrityError(
                f"the ledger ends at entry {head.seq}, and decisions up to entry {taken.seq} count",
                _RESTORE,
            )
        if taken.seq and head.seq == taken.seq and head.hash != taken.hash:
            raise IntegrityError(
                f"ledger entry {head.seq} is not the one whose decisions count", _RESTORE
            )
        self.state.follow(self.ledger.entries(taken.end))


@contextmanager
def open_decisions(workspace: Workspace) -> Iterator[Decisions]:
    """The decisions of a workspace, brought up to date. Raises IntegrityError, RequestError."""
    timeout = float(workspace.settings(os.environ).settings.store.lock_timeout)
    url = workspace.state_url(os.environ)
    if url == workspace.state:
        workspace.state.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    ledger = Ledger(workspace.ledger, timeout)
    with State.open(url, timeout) as state:
        decisions = Decisions(ledger, state)
        decisions._follow()
        yield decisions
