"""Serve osquery with all processes that it takes: those that answer, and the one that judges."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack

from sekisho.app.checking.beside import Beside
from sekisho.app.checking.enrolling import pepper
from sekisho.app.checking.service import Service
from sekisho.app.collecting.site import alone
from sekisho.app.decisions import open_decisions
from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def serve(
    workspace: Workspace,
    settings: ServiceSettings,
    *,
    stop: threading.Event,
    listening: Callable[[int], None],
) -> None:
    """Answer osquery and judge what comes until told to stop.

    Raises RequestError where settings are missing, the port is taken or another one serves this workspace.
    """
    with open_decisions(workspace) as decisions:
        alone_writes = decisions.state.nodes().one_writer
    if settings.workers > 1 and alone_writes:
        raise RequestError(
            f"[fleet.service] workers = {settings.workers} needs PostgreSQL: SQLite takes one writer at a time",
            "Set [state] url, or leave workers at 1.",
        )
    pepper(workspace)
    with ExitStack() as stack:
        stack.enter_context(alone(workspace.fleet, "serve"))
        beside = [stack.enter_context(Beside(workspace.root, "judge"))]

        def told(port: int) -> None:
            for _ in range(settings.workers - 1):
                beside.append(stack.enter_context(Beside(workspace.root, "serve", port)))
            listening(port)

        def look() -> None:
            for one in beside:
                one.look()

        Service(workspace, settings).run(stop, told, also=look)
