"""What a process beside the service runs; `beside.Beside` alone starts it, as a module."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from sekisho.app.checking.judge import judging
from sekisho.app.checking.service import Service
from sekisho.app.collecting.site import alone
from sekisho.app.logging import warning
from sekisho.app.workspace import Workspace
from sekisho.errors import SekishoError


def run() -> None:
    """What the process does: its orders are one line on standard input, whose end is its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    given = json.loads(sys.stdin.readline())
    workspace = Workspace(Path(given["root"]))
    stop = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=wait, name="parent", daemon=True).start()
    try:
        if given["role"] == "judge":
            with alone(workspace.fleet, "judge"):
                judging(workspace, stop, lambda: datetime.now(UTC))
            return
        settings = workspace.settings(os.environ).settings.fleet.service
        Service(workspace, settings).run(stop, lambda _port: None, port=int(given["port"]))
    except SekishoError as error:
        warning("fleet service", role=given["role"], what=str(error))
        sys.exit(error.exit_status)


if __name__ == "__main__":
    run()
