"""A receiver in a process of its own, so that nothing that is done with its records holds it up."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from sekisho.errors import RequestError, SekishoError
from sekisho.sources.listeners.base import Bound, ListenPlan
from sekisho.sources.listeners.status import Status, read_status


class Receiver:
    """The parent's handle. `bound` is where it listens, in the plan's order, once it has started.

    It ends with the parent, however that ends, after writing down what it had received.
    """

    def __init__(self, plan: ListenPlan, folder: Path) -> None:
        self._plan, self._folder = plan, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.bound: tuple[Bound, ...] = ()

    def start(self, timeout: float = 30.0) -> None:
        """Return once all listeners listen. Raises RequestError where one cannot, SekishoError where the
        process says nothing in time."""
        command = [sys.executable, "-m", "sekisho.sources.listeners.receive"]
        # What a terminal sends to its foreground is for the parent, which stops this in its turn.
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._process = process
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        given = {"plan": self._plan.to_json(), "folder": str(self._folder.absolute())}
        try:
            process.stdin.write(json.dumps(given).encode() + b"\n")
            process.stdin.flush()
            said = _line(process.stdout, timeout)
        except OSError:
            said = {}
        if "bound" not in said:
            self.stop(5.0)
            if "error" in said:
                raise RequestError(str(said["error"]), str(said["mend"]))
            raise SekishoError(f"the receiver did not start within {timeout:g} s")
        self.bound = tuple(Bound(**one) for one in said["bound"])

    @property
    def pid(self) -> int | None:
        """The process, None where none was started."""
        return self._process.pid if self._process else None

    @property
    def returncode(self) -> int | None:
        """How the process ended; None while it runs or before it was started."""
        return self._process.poll() if self._process else None

    def status(self) -> Status | None:
        """What it said last, about a second ago. Raises ValueError, OSError."""
        return read_status(self._folder)

    def stop(self, timeout: float = 30.0) -> int:
        """Let it take what has arrived, seal, and end; its exit status, 0 where all was written. One that
        does not end within `timeout` seconds is killed: the journal is whole all the same."""
        process = self._process
        if process is None:
            return 0
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        try:
            return process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            process.stdout.close()

    def __enter__(self) -> Receiver:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _line(pipe: IO[bytes], timeout: float) -> dict[str, Any]:
    """The first line that comes as JSON; nothing where none comes in time."""
    said = b""
    until = time.monotonic() + timeout
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    while not said.endswith(b"\n"):
        if not poll.poll(max(until - time.monotonic(), 0) * 1000):
            return {}
        piece = os.read(pipe.fileno(), 1 << 16)
        if not piece:
            return {}
        said += piece
    value: dict[str, Any] = json.loads(said)
    return value
