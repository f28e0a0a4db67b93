"""Where connections come in: who finds no room is sent away at once, and not left to be tried 4,096 times."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

_FULL = (errno.EMFILE, errno.ENFILE)


class Door(socket.socket):
    """A listening socket, made of one that is given up for it.

    Where descriptors have run out asyncio tries again as often as the backlog is long, tells each time, and
    leaves everybody waiting. A descriptor held in reserve lets the caller in to be shown out.
    """

    def __init__(self, listening: socket.socket) -> None:
        super().__init__(fileno=listening.detach())
        self._reserve = _spare()
        self.turned_away = 0

    def accept(self) -> tuple[socket.socket, Any]:
        """See `socket.accept`. Raises BlockingIOError where nobody waits, or who waited was sent away."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in _FULL:
                raise
        self._give_up()
        try:
            caller, _ = super().accept()
            caller.close()
            self.turned_away += 1
        except OSError as error:
            if error.errno not in _FULL:
                raise
        finally:
            self._reserve = _spare()
        raise BlockingIOError(errno.EAGAIN, "no descriptor is free")

    def close(self) -> None:
        """Close it, and the reserve."""
        self._give_up()
        super().close()

    def _give_up(self) -> None:
        if self._reserve >= 0:
            os.close(self._reserve)
            self._reserve = -1


def _spare() -> int:
    try:
        return os.open(os.devnull, os.O_RDONLY)
    except OSError:
        # Another thread was sooner; the next caller finds one, or waits.
        return -1
