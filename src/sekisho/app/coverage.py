"""What was recorded, hour by hour, and where nothing was."""

from __future__ import annotations

from datetime import datetime

from sekisho.app.wiring import open_lake, read_inventory
from sekisho.app.workspace import Workspace
from sekisho.audit import run
from sekisho.audit.coverage import CoverageDocument


def coverage(
    workspace: Workspace, *, begin: datetime | None, end: datetime | None, now: datetime
) -> CoverageDocument:
    """Coverage of every sensor in a window (aware UTC; None: all evidence). Raises FileProblems."""
    inventory = read_inventory(workspace)
    with open_lake(workspace) as lake:
        return run.coverage(lake, inventory, now=now, begin=begin, end=end)
