"""Listen for flows and messages and take them into the lake as they come."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace

from sekisho.app.collecting.collector import Collector
from sekisho.app.collecting.status import CollectStatus, read_status, running
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def collect(
    workspace: Workspace,
    settings: CollectSettings,
    *,
    stop: threading.Event,
    tell: Callable[[CollectStatus], None],
) -> None:
    """The verb: collect until `stop` is set, and commit what had been received by then.

    `tell` hears about once a second how it goes. Needs sensors with addresses in sites.yaml, and no
    policy. Raises RequestError where another collector runs in this workspace, an address cannot be
    listened on, or no sensor may send; FileProblems.
    """
    Collector(workspace, settings, tell).run(stop)


def collect_settings(workspace: Workspace, **changes: str | None) -> CollectSettings:
    """The settings, with those that are given here in their place. Raises FileProblems, RequestError."""
    settings = workspace.settings(os.environ).settings.collect
    given = {name: value for name, value in changes.items() if value is not None}
    try:
        return CollectSettings.model_validate(settings.model_dump() | given)
    except ValueError as error:
        reason = str(error).partition("Value error, ")[2].partition(" [type=")[0]
        raise RequestError(reason or str(error)) from error


def collect_status(workspace: Workspace) -> CollectStatus | None:
    """How the collector of a workspace stands, or stood; None where there never was one.

    Where its process is gone without having stopped, that is its trouble. Raises RequestError where the
    file is none of ours.
    """
    try:
        status = read_status(workspace.journal)
    except ValueError as error:
        raise RequestError(str(error), "it is written anew once a collector runs") from error
    if status is None or status.state == "stopped" or running(status):
        return status
    why = "the collector has ended without stopping; what it had received stays in the journal"
    return replace(status, state="stopped", trouble=(*status.trouble, why))
