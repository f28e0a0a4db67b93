"""Who may send. Sources of datagrams can be forged, so whoever is not known is counted, within bounds."""

from __future__ import annotations

from sekisho.model.addresses import IPAddress, parse_address
from sekisho.sources.journal.framing import peer_bytes

STRANGERS = 1000
"""Addresses of strangers that are told apart."""
_REMEMBERED = 65_536


class Peers:
    """The allow-list of one listener, and its strangers: `strangers` by address, `others` beyond those."""

    def __init__(self, allow: frozenset[IPAddress] | None) -> None:
        self._allow = allow
        self._known: dict[str, bytes] = {}
        self.strangers: dict[str, int] = {}
        self.others = 0

    def of(self, host: str) -> bytes | None:
        """A peer as records hold it; None, and counted, where it is a stranger."""
        known = self._known.get(host)
        return self._look(host) if known is None else known

    def _look(self, host: str) -> bytes | None:
        try:
            address = parse_address(host)
        except ValueError:
            self._count(host)
            return None
        if self._allow is None or address in self._allow:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[host] = known = peer_bytes(address)
            return known
        self._count(str(address))
        return None

    def _count(self, name: str) -> None:
        if name in self.strangers or len(self.strangers) < STRANGERS:
            self.strangers[name] = self.strangers.get(name, 0) + 1
        else:
            self.others += 1
