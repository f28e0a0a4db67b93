"""Observed connections as values, to write rules from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sekisho.model.addresses import IPAddress, number
from sekisho.policy.judge import End
from sekisho.policy.ports import one

Key = tuple[End, End, int, int]
Window = tuple[datetime, datetime]
"""Begin (included) and end (excluded), aware."""


@dataclass(frozen=True, slots=True)
class Observed:
    """One connection as the evidence shows it; several with one key are pieces of it.

    `established` counts the flows that were. Times are aware UTC, both included. `witness` names flows,
    such as `zeek/conn.log:1204`.
    """

    src_realm: str
    src: IPAddress
    dst_realm: str
    dst: IPAddress
    protocol: int
    port: int
    flows: int
    established: int
    first_seen: datetime
    last_seen: datetime
    days_active: int
    witness: tuple[str, ...] = ()

    @property
    def source(self) -> End:
        """(realm, address) of the initiator."""
        return self.src_realm, self.src

    @property
    def destination(self) -> End:
        """(realm, address) of the responder."""
        return self.dst_realm, self.dst

    @property
    def key(self) -> Key:
        """What makes it this connection."""
        return self.source, self.destination, self.protocol, self.port

    def __str__(self) -> str:
        return f"{self.src} -> {self.dst} : {one(self.protocol, self.port)}"


def order(observed: Observed) -> tuple[object, ...]:
    """Sorts connections, the same in every run."""
    ends = [(realm, number(address)) for realm, address in (observed.source, observed.destination)]
    return (*ends, observed.protocol, observed.port, observed.first_seen, observed.witness)


def whole(pieces: Sequence[Observed]) -> Observed:
    """Pieces of one connection as one. Days on which two pieces lie are counted once for each."""
    return replace(
        pieces[0],
        flows=sum(piece.flows for piece in pieces),
        established=sum(piece.established for piece in pieces),
        first_seen=min(piece.first_seen for piece in pieces),
        last_seen=max(piece.last_seen for piece in pieces),
        days_active=sum(piece.days_active for piece in pieces),
        witness=tuple(dict.fromkeys(flow for piece in pieces for flow in piece.witness)),
    )


def by_key(observed: Iterable[Observed]) -> dict[Key, list[Observed]]:
    """The pieces of each connection, in a fixed order."""
    found: dict[Key, list[Observed]] = {}
    for piece in sorted(observed, key=order):
        found.setdefault(piece.key, []).append(piece)
    return found
