"""Where connections come in: who finds no room is sent away at once, and not left to be tried 4,096 times.

One address cannot hold all the room: where there is none left, whoever holds most loses its oldest connection
to whoever holds less.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from typing import Any

from sekisho.fleet.service.guests import Guests
from sekisho.fleet.service.hosts import host_of

_FULL = (errno.EMFILE, errno.ENFILE)


class Door(socket.socket):
    """A listening socket, made of one that is given up for it. `most` connections are open at once; `tell`
    hears the address and words of who had to go or was sent away for that.

    Where descriptors have run out asyncio tries again as often as the backlog is long, tells each time, and
    leaves everybody waiting. A descriptor held in reserve lets the caller in to be shown out.
    """

    def __init__(
        self,
        listening: socket.socket,
        most: int = 1 << 30,
        tell: Callable[[str, str], None] = lambda _address, _words: None,
    ) -> None:
        super().__init__(fileno=listening.detach())
        self.guests = Guests(most)
        self._tell = tell
        self._reserve = _spare()
        self.turned_away = 0

    def accept(self) -> tuple[socket.socket, Any]:
        """See `socket.accept`. Raises BlockingIOError where nobody waits, or who waited was sent away."""
        try:
            return self._let_in(*super().accept())
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

    def _let_in(self, caller: socket.socket, place: Any) -> tuple[socket.socket, Any]:
        address = str(place[0])
        host = host_of(address)
        if not self.guests.room_for(host):
            caller.close()
            self.turned_away += 1
            self._tell(address, "there was no room for a further connection")
            raise BlockingIOError(errno.EAGAIN, "there is no room")
        guest, gone = self.guests.let_in(caller, host)
        if gone:
            self._tell(gone, "held most connections, and one was ended to make room for others")
        return guest, place

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
