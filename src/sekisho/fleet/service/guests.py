"""Whose connections are open: where there is no room for all, who holds most gives way."""

from __future__ import annotations

import socket
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress


class Guest(socket.socket):
    """A connection that was let in, made of a socket that is given up for it; `left` is told when it ends."""

    __slots__ = ("_left", "address")

    def __init__(self, taken: socket.socket, address: str, left: Callable[[Guest], None]) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=taken.detach())
        self.address = address
        self._left = left

    def close(self) -> None:
        """See `socket.close`."""
        self._left(self)
        super().close()


class Guests:
    """Counts connections by address, `most` of all at once. All calls are from one thread."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._open: dict[str, dict[Guest, None]] = {}
        self._with: defaultdict[int, dict[str, None]] = defaultdict(dict)
        """Addresses by how many each holds."""
        self._highest = 0
        self._all = 0

    def room_for(self, address: str) -> bool:
        """Whether one more of this address has room, or another address holds more than its share by it."""
        return self._all < self.most or self._highest > len(self._open.get(address, ())) + 1

    def let_in(self, taken: socket.socket, address: str) -> tuple[Guest, str]:
        """The connection, and the address whose oldest one was ended for it, '' where there was room."""
        made_room = ""
        if self._all >= self.most:
            made_room = next(iter(self._with[self._highest]))
            oldest = next(iter(self._open[made_room]))
            self._leave(oldest)
            # Whoever serves it sees its end, and closes it.
            with suppress(OSError):
                oldest.shutdown(socket.SHUT_RDWR)
        guest = Guest(taken, address, self._leave)
        own = self._open.setdefault(address, {})
        self._moved(address, len(own), len(own) + 1)
        own[guest] = None
        self._all += 1
        return guest, made_room

    def counts(self) -> Counter[str]:
        """Open connections by address."""
        return Counter({address: len(own) for address, own in self._open.items()})

    def _leave(self, guest: Guest) -> None:
        own = self._open.get(guest.address, {})
        if guest not in own:
            return
        self._moved(guest.address, len(own), len(own) - 1)
        del own[guest]
        if not own:
            del self._open[guest.address]
        self._all -= 1

    def _moved(self, address: str, before: int, after: int) -> None:
        self._with[before].pop(address, None)
        if not self._with[before]:
            del self._with[before]
        if after:
            self._with[after][address] = None
        # Counts change by one, so that the next lower one has somebody.
        self._highest = max(after, self._highest if self._highest in self._with else after)
