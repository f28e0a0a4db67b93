"""A connection told through a relay: whose it was, as far as sessions say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.investigate.fabric import Fabric
from sekisho.investigate.moments import micros
from sekisho.investigate.talks import Talk
from sekisho.model.sites import Relay
from sekisho.model.validity import Validity

TOLD = 0.9
"""From this share on a client is told as the initiator; below it the initiator is hidden."""


Span = tuple[int, int]
"""Microseconds, the second not included."""


@dataclass(frozen=True, slots=True)
class Held:
    """A relay and the hosts that were it, each with when."""

    relay: Relay
    hosts: dict[int, tuple[Span, ...]]

    def at(self, host: int, when: int) -> bool:
        """Whether the host was the relay then (microseconds)."""
        return any(begin <= when < end for begin, end in self.hosts[host])


def span_of(validity: Validity) -> Span:
    """The same as numbers."""
    begin, end = (None if at is None else micros(at) for at in (validity.begin, validity.end))
    return -(1 << 62) if begin is None else begin, 1 << 62 if end is None else end


@dataclass(frozen=True, slots=True)
class Leg:
    """A client's session into the relay (connection `row`) that may be the other half of one it opened.

    `score` is what speaks for it, in powers of ten; `share` how it compares with all others, the unseen
    included.
    """

    client: int
    row: int
    talk: Talk
    score: float
    text: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Behind:
    """A client that may be the initiator, in `sessions` of those that are hidden; all shares are 1 at most."""

    host: int
    share: float
    sessions: int
    text: str


@dataclass(frozen=True, slots=True)
class Stitch:
    """A connection of the fabric that stands for one side of a relay's connection `out`.

    `legs` are the client's sessions, one for each of the stitched sessions, none where the initiator is
    hidden: then `behind` ranks who may be it and `why` says what kept it from being told. `share` is how
    sure the client is.
    """

    relay: Relay
    host: int
    out: int
    share: float
    why: str
    legs: tuple[Leg, ...] = ()
    behind: tuple[Behind, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether nobody can be told."""
        return not self.legs


@dataclass(frozen=True, slots=True)
class Stitched:
    """The fabric with the stitched connections (`stitches`, by row) after the logged ones.

    `relayed` are rows all of whose sessions are explained by relaying, `talks` the sessions of stitched rows
    and what is left of relays' own; `hosts` are the relays by host; `notes` say what was not looked at.
    """

    fabric: Fabric
    stitches: Mapping[int, Stitch] = field(default_factory=dict)
    relayed: frozenset[int] = frozenset()
    talks: Mapping[int, tuple[Talk, ...]] = field(default_factory=dict)
    hosts: Mapping[int, Held] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
