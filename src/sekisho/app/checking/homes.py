"""Nodes as terminals of the inventory, worked out now and then.

Who is none neither widens nor pauses a campaign; who calls from elsewhere is asked what its own site is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from sekisho.app.checking.sites import Sites
from sekisho.app.decisions import Decisions
from sekisho.app.logging import warning
from sekisho.app.terminals import resolved
from sekisho.app.workspace import Workspace
from sekisho.errors import SekishoError
from sekisho.fleet.campaigns.course import course
from sekisho.fleet.campaigns.reach import names_of
from sekisho.inventory.register import Inventory

EVERY, SHARE = 60.0, 30.0
"""Seconds between two looks; so many times as long as one took, where that is longer."""


class Homes:
    """Kept in the state, where the service reads them."""

    def __init__(
        self,
        workspace: Workspace,
        decisions: Decisions,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._decisions = decisions
        self._sites = Sites(workspace)
        self._monotonic = monotonic
        self._due = float("-inf")

    def look(self, now: datetime) -> None:
        """Read the register where it changed, and work them out anew where that is due and a campaign runs.

        What cannot be read is told, and what was known stands: a campaign that does harm is paused all the
        same.
        """
        try:
            self._work_out(self._sites.look(), now)
        except (SekishoError, OSError) as error:
            warning("homes", what=str(error))

    def _work_out(self, inventory: Inventory, now: datetime) -> None:
        begun = self._monotonic()
        state = self._decisions.state
        if begun < self._due or not self._running(now):
            return
        nodes = state.nodes().nodes()
        known = resolved(self._decisions, inventory, now, nodes)
        found = ((node.id, known.match(node.who)) for node in nodes)
        state.homes().keep({number: home.site or "" for number, home in found if home is not None})
        self._due = begun + max(EVERY, (self._monotonic() - begun) * SHARE)

    def _running(self, now: datetime) -> bool:
        state = self._decisions.state
        events = state.campaigns().events()
        return any(course(c, events, now).state == "running" for c in state.fleet().campaigns())

    def nodes(self) -> list[tuple[str, tuple[str, ...], str | None, datetime]]:
        """Those that count for campaigns: id, names, site and when each was last heard. All, where none is of
        the inventory."""
        homes = self._decisions.state.homes().all()
        return [
            (
                str(n.id),
                names_of(n.who, n.address),
                homes.get(n.id) or self._sites.site_of(n.address),
                n.seen,
            )
            for n in self._decisions.state.nodes().nodes()
            if not homes or n.id in homes
        ]
