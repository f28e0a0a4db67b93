"""How often one node may ask, and one address enrol; who shows keys that nobody was given is slowed alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sekisho.fleet.service.hosts import host_of
from sekisho.fleet.service.wire import Refused
from sekisho.sources.forwarding.rates import Rates

MOST_TOLD_APART = 200_000
KNOWN = 200_000
"""Keys of which is remembered that they were good; it only says who goes on while strangers are slowed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a second of one node, enrolments a second from one address, failures a second (keys that nobody
    was given, bodies that cannot be read) from one address; bytes a second that one node brings, and how many
    may come at once."""

    node: float = 5.0
    enrolments: float = 50.0
    failures: float = 20.0
    bytes: float = 256 << 10
    bytes_at_once: float = 64 << 20


class Gate:
    """What may come in. `monotonic` in seconds."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._nodes = Rates(limits.node, monotonic, MOST_TOLD_APART)
        self._enrolments = Rates(limits.enrolments, monotonic, MOST_TOLD_APART)
        self._failures = Rates(limits.failures, monotonic, MOST_TOLD_APART)
        self._bytes = Rates(limits.bytes, monotonic, MOST_TOLD_APART, limits.bytes_at_once)
        self._until: OrderedDict[str, float] = OrderedDict()
        self._known: OrderedDict[str, None] = OrderedDict()
        self._monotonic = monotonic

    def node(self, key: str, address: str) -> None:
        """One request with this key's hash. Raises Refused."""
        if key not in self._known:
            self._slowed(address)
        if self._nodes.take(key):
            raise Refused("too_often", f"more than {self._limits.node:g} requests a second", 429)

    def brings(self, key: str, size: int) -> None:
        """So many bytes that the node with this key's hash brings to be kept. Raises Refused."""
        if self._bytes.take(key, cost=size):
            words = f"more than {self._limits.bytes:g} bytes a second"
            raise Refused("too_often", words, 429)

    def enrolment(self, address: str) -> None:
        """One enrolment from this address. Raises Refused."""
        self._slowed(address)
        if self._enrolments.take(host_of(address)):
            words = f"more than {self._limits.enrolments:g} enrolments a second from one address"
            raise Refused("too_often", words, 429)

    def remember(self, keys: Iterable[str]) -> None:
        """These keys' hashes are nodes', as the state says when the service begins."""
        for key in keys:
            self.good(key)

    def good(self, key: str) -> None:
        """This key's hash was a node's."""
        self._known[key] = None
        self._known.move_to_end(key)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)

    def failed(self, address: str, key: str = "") -> None:
        """Something from this address was refused for what it is."""
        self._known.pop(key, None)
        address = host_of(address)
        if wait := self._failures.take(address):
            self._until[address] = self._monotonic() + max(1.0, wait)
            self._until.move_to_end(address)
            if len(self._until) > MOST_TOLD_APART:
                self._until.popitem(last=False)

    def _slowed(self, address: str) -> None:
        address = host_of(address)
        until = self._until.get(address)
        if until is None:
            return
        if self._monotonic() >= until:
            del self._until[address]
            return
        raise Refused("too_often", "too much from this address was refused", 429)
