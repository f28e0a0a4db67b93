"""One writer and one rebuild at a time, across processes; readers take no lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sekisho.errors import RequestError

WAIT = "wait until it is done, then run this again"


@contextmanager
def exclusive(path: Path, what: str, timeout: float, mend: str = WAIT) -> Iterator[None]:
    """Hold the lock file for the block. The kernel frees it when its holder dies.

    Raises RequestError where another process still holds it after `timeout` seconds.
    """
    lock = FileLock(path, timeout=timeout)
    try:
        lock.acquire()
    except Timeout:
        held = (
            f"{path.name} has been held for {timeout:g} s" if timeout > 0 else f"it holds {path.name}"
        )
        raise RequestError(
            f"another process is {what} this lake ({held})",
            mend,
        ) from None
    try:
        yield
    finally:
        lock.release()
