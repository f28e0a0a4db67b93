"""The one place that connects everything: a workspace's parts, opened with its settings."""

from __future__ import annotations

import os

from sekisho.app.workspace import Workspace
from sekisho.inventory.files import load_inventory
from sekisho.inventory.register import Inventory
from sekisho.store.lake import Lake


def open_lake(workspace: Workspace, *, create: bool = True) -> Lake:
    """The flow lake, with the limits of the settings. Use it as a context manager."""
    store = workspace.settings(os.environ).settings.store
    return Lake.open(
        workspace.lake,
        create=create,
        memory_limit=f"{store.memory_limit}B",
        threads=store.threads,
        lock_timeout=store.lock_timeout,
    )


def read_inventory(workspace: Workspace) -> Inventory:
    """Sites, sensors and assets as the files stand. Raises FileProblems."""
    return load_inventory(workspace.root)
