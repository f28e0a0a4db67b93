"""What was recorded, hour by hour, and where nothing was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.audit import run
from sekisho.audit.coverage import CoverageDocument


def coverage(
    workspace: Workspace,
    *,
    begin: datetime | None,
    end: datetime | None,
    now: datetime,
    sites: Sequence[str] = (),
) -> CoverageDocument:
    """Coverage of every sensor in a window (aware UTC; None: all evidence), or of those of some sites.

    Raises FileProblems, and RequestError for a site that does not exist.
    """
    inventory = read_inventory(workspace)
    with open_lake(workspace) as lake:
        return run.coverage(lake, inventory, now=now, begin=begin, end=end, sites=sites)
