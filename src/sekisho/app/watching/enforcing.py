"""What is in force while the watch runs, and what probes of ours asked for: worked out again where the ledger
or the register have changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.app.containing.forcing import force_and_notes
from sekisho.app.containing.probes import probes
from sekisho.app.decisions import Decisions
from sekisho.app.logging import logger
from sekisho.app.workspace import Workspace
from sekisho.contain.escaped import grace_of
from sekisho.contain.escaping import Enforcing
from sekisho.contain.probing.known import Known
from sekisho.store.lake import Lake
from sekisho.watch.describing import Describer

OFTEN = timedelta(minutes=10)
"""Addresses and gateways may change by their dates alone, and clocks are measured anew."""


class InForce:
    """The plans in force at the moment. `by` is who uses a version of the register first."""

    def __init__(self, workspace: Workspace, decisions: Decisions, lake: Lake, by: str) -> None:
        self._workspace = workspace
        self._decisions = decisions
        self._lake = lake
        self._by = by
        self._mark: tuple[int, Describer] | None = None
        self._at: datetime | None = None
        self._found: Enforcing | None = None

    def __call__(self) -> Enforcing | None:
        """As of the last look."""
        return self._found

    def look(self, describer: Describer, now: datetime) -> None:
        """Work it out where anything changed; rows that arrive do not reach over when gateways were told."""
        mark = self._decisions.state.cursor().seq, describer
        if mark == self._mark and self._at is not None and now - self._at < OFTEN:
            return
        force, notes = force_and_notes(self._workspace, self._decisions, now=now, by=self._by)
        for note in notes:
            logger().warning("not looked at", reason=note)
        if force is not None:
            self._found = Enforcing(force, grace_of(self._lake.offsets()))
        elif not notes:
            self._found = None
        # With mistakes in the files what was in force last goes on being looked for.
        describer.also = self._moments()
        # Of plans that are lifted too: what a probe made is looked at when its records come.
        asked = Known(probes(self._decisions.state.plans()))
        describer.asked = asked.of if asked else None
        # As it was before the look: what was written during it is looked at the next time.
        self._mark = mark
        self._at = now

    def _moments(self) -> tuple[datetime, ...]:
        found = self._found
        return tuple(at + found.wait for at in found.force.moments) if found else ()
