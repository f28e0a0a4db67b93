"""A process beside the service: one that judges, or another that answers. It ends with its parent, however.

What judging takes of the interpreter would be missing in answering; so they share nothing but the database.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Literal

from sekisho.app.logging import warning

Role = Literal["judge", "serve"]
NAME = "sekisho.app.checking.process"


class Beside:
    """The parent's handle; started anew where it ends by itself."""

    def __init__(self, root: Path, role: Role, port: int = 0) -> None:
        self._given = {"root": str(root), "role": role, "port": port}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Beside:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process, None where none was started."""
        return None if self._process is None else self._process.pid

    def look(self) -> None:
        """Start it again where it has ended."""
        if self._process is not None and (status := self._process.poll()) is not None:
            warning(
                "fleet service", what=f"{self._given['role']} ended ({status}), and is started again"
            )
            self.stop()
            self._start()

    def stop(self, timeout: float = 30.0) -> None:
        """Let it finish what it is doing; one that does not is killed, and nothing is lost by it."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> None:
        # What a terminal sends to its foreground is for the parent, which stops this in its turn.
        command = [sys.executable, "-m", NAME]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self._process = process
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps(self._given).encode() + b"\n")
                process.stdin.flush()
