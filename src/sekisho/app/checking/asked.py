"""The checks as a workspace asks them: with its own lists and bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from sekisho.app.hunting.registry import keeper_of, loaded, read_feeds
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.fleet.checks import indicators, sigma, yara
from sekisho.fleet.checks.base import Check
from sekisho.fleet.checks.indicators import Indicators
from sekisho.fleet.checks.local_admins import LocalAdmins
from sekisho.fleet.checks.logging_on import LoggingOn
from sekisho.fleet.checks.patch_age import PatchAge
from sekisho.fleet.checks.registry import CHECKS, NEED_SETTING_UP, configured
from sekisho.fleet.collections.looking import Look
from sekisho.fleet.yara.rules import compile_folder
from sekisho.fleet.yara.scanning import YaraRules
from sekisho.intel.artefacts import Artefacts
from sekisho.intel.feeds import FILE
from sekisho.intel.keeping import STATE
from sekisho.intel.screening import Screen
from sekisho.intel.shapes import KNOWLEDGE

SET_UP: Mapping[str, str] = MappingProxyType(
    {
        indicators.NAME: "name feeds: `sekisho intel add`, then `sekisho intel refresh`",
        yara.NAME: "set fleet.yara in sekisho.toml to a folder of rules",
        sigma.NAME: "set fleet.sigma in sekisho.toml to a folder of rules, then `sekisho fleet sigma run`",
    }
)
"""What to do for each check that needs something."""


def checks_of(workspace: Workspace, now: datetime) -> tuple[Check, ...]:
    """The checks that are ready, in the registry's order.

    Raises FileProblems for settings, or feeds, that are wrong.
    """
    can = ready(workspace)
    said = workspace.settings(os.environ).settings.fleet
    feeds = loaded(workspace, now)
    screen = Screen.of(read_inventory(workspace), feeds.lists)
    known = Artefacts(feeds, screen.keeps)
    own = (
        LocalAdmins(said.administrators),
        PatchAge(said.patch_days),
        LoggingOn(said.sysmon),
        Indicators(known),
    )
    return tuple(check for check in configured(*own) if check.name in can)


class Standing:
    """The same for whoever asks again and again: read anew where a file changed that they come from, and each
    hour, since indicators end."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stamp: tuple[object, ...] | None = None
        self._checks: tuple[Check, ...] = ()

    def at(self, now: datetime) -> tuple[Check, ...]:
        """The checks at a time (aware UTC). Raises what `checks_of` raises."""
        stamp = (now.replace(minute=0, second=0, microsecond=0), *map(_stamp, self._files()))
        if stamp != self._stamp:
            self._checks = checks_of(self._workspace, now)
            self._stamp = stamp
        return self._checks

    def _files(self) -> Iterator[Path]:
        yield self._workspace.settings_file
        yield from self._workspace.inventory_files()
        yield self._workspace.root / FILE
        yield from sorted(keeper_of(self._workspace).root.glob(f"*/{STATE}"))


def _stamp(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_mtime_ns, found.st_size


def ready(workspace: Workspace) -> tuple[str, ...]:
    """The checks that can be answered here: all but those that nothing was set up for.

    Raises FileProblems.
    """
    lacking = set(NEED_SETTING_UP)
    if any(feed.said.kind not in KNOWLEDGE for feed in read_feeds(workspace).enabled):
        lacking.discard(indicators.NAME)
    said = workspace.settings(os.environ).settings.fleet
    if said.yara:
        lacking.discard(yara.NAME)
    if said.sigma:
        lacking.discard(sigma.NAME)
    return tuple(name for name in CHECKS if name not in lacking)


def look_of(workspace: Workspace) -> Look:
    """What files of collections are looked at with. The rules are compiled when there is a first file, which
    raises FileProblems or RequestError."""
    said = workspace.settings(os.environ).settings.fleet
    if not said.yara:
        return Look()
    folder = workspace.root / said.yara
    return Look(YaraRules(lambda: compile_folder(folder), said.yara_largest, said.yara_seconds))
