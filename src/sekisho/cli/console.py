"""A console whose reader may leave early: `| head` has seen enough, and that is no error."""

from __future__ import annotations

import os
import sys
from typing import IO

from rich.console import Console


class PatientConsole(Console):
    """Goes on in silence where a pipe's reader has gone, so that the run ends as it would have.

    Rich's own ends with 1, which means findings here.
    """

    def on_broken_pipe(self) -> None:
        """Write no more."""
        self.quiet = True
        silence(self.file)


def silence(stream: IO[str]) -> None:
    """Lead a stream into nothing, that what is still buffered does not fail when Python ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def flush() -> None:
    """Write out what standard output still holds; without a reader, nothing."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
