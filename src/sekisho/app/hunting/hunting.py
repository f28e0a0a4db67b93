"""The hunt as a use case, and what an audit says of indicators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sekisho.app.hunting.registry import keeper_of, loaded
from sekisho.app.wiring import open_lake, read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.audit.marks import Marker
from sekisho.errors import RequestError
from sekisho.intel.hunt import MOST, hunt
from sekisho.intel.hunt_log import note
from sekisho.intel.marker import IndicatorMarker
from sekisho.model.hunts import HuntDocument


def run_hunt(
    workspace: Workspace,
    *,
    feeds: tuple[str, ...],
    begin: datetime | None,
    end: datetime | None,
    now: datetime,
    limit: int = MOST,
) -> HuntDocument:
    """All indicators, or those of some feeds, against the flows of the days that touch a window (None: all).

    Raises FileProblems, RequestError; also where there are no feeds, since nothing found would say nothing.
    """
    found = loaded(workspace, now, feeds)
    if not found.feeds:
        raise RequestError(
            "there are no feeds to hunt by",
            "`sekisho intel add NAME --kind list --path FILE --licence L`",
        )
    inventory = read_inventory(workspace)
    with open_lake(workspace) as lake:
        lake.refresh(traits_of(inventory))
        document = hunt(lake, inventory, found, begin=begin, end=end, now=now, limit=limit)
    note(keeper_of(workspace).root, document)
    return document


def markers_and_notes(workspace: Workspace, now: datetime) -> tuple[Sequence[Marker], Sequence[str]]:
    """What an audit says of connections by the feeds as they stand; nothing where there are none."""
    found = loaded(workspace, now)
    return ((IndicatorMarker(found),) if found.rows.num_rows else ()), found.notes
