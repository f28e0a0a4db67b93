"""The checks as a workspace asks them: with its own lists and bounds."""

from __future__ import annotations

import os

from sekisho.app.workspace import Workspace
from sekisho.fleet.checks.base import Check
from sekisho.fleet.checks.local_admins import LocalAdmins
from sekisho.fleet.checks.logging_on import LoggingOn
from sekisho.fleet.checks.patch_age import PatchAge
from sekisho.fleet.checks.registry import configured


def checks_of(workspace: Workspace) -> tuple[Check, ...]:
    """Every check, in the registry's order. Raises FileProblems for settings that are wrong."""
    said = workspace.settings(os.environ).settings.fleet
    return configured(
        LocalAdmins(said.administrators), PatchAge(said.patch_days), LoggingOn(said.sysmon)
    )
