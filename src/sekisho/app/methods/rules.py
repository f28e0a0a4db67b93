"""Which Sigma rules are run here: those in the workspace's own folder, by the id that each gives itself."""

from __future__ import annotations

from sekisho.app.workspace import Workspace
from sekisho.intel.detections import listed

FOLDER = "sigma"


def running(workspace: Workspace) -> frozenset[str]:
    """Ids of the rules that are run. Raises RequestError where the folder holds too many."""
    folder = workspace.root / FOLDER
    return (
        frozenset(rule.id for rule in listed(folder).rules if rule.id)
        if folder.is_dir()
        else frozenset()
    )
