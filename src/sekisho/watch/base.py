"""What a sink is, and what an observer is.

A sink takes alerts somewhere: its `render` is pure, its `deliver` is the thin rim that sends. Everything
that is told goes through an outbox that is committed with the alert, so a sink needs no memory: it is
called until it took the message, and may be called again with one that it took before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from sekisho.model.verdicts import Severity
from sekisho.store.arrivals import Arrivals
from sekisho.store.lake import Lake
from sekisho.watch.alerts import Alert, AlertKind, Change, Member


class NotDelivered(Exception):
    """The sink did not take the message now; it is tried again after a while.

    `after` is how many seconds the receiver asks to wait, where it says so.
    """

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Misconfigured(NotDelivered):
    """No message passes until a person mends the settings; what waits is sent once that is done."""


class Undeliverable(Exception):
    """The receiver refuses this very message for good. It is kept as failed and shown, not repeated."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A message as it goes over the wire. `headers` are for transports that have them."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Sink(Protocol):
    """A place that alerts are sent to. Its name is the one in the settings, and the outbox's."""

    @property
    def name(self) -> str:
        """Unique among the sinks of a workspace; what is in the outbox waits for it by this name."""
        ...

    def render(self, alert: Alert) -> Payload:
        """The message. Pure: the same alert always makes the same bytes."""
        ...

    def deliver(self, payload: Payload) -> None:
        """Send it; when this returns the receiver has it. Bounded in time.

        Raises NotDelivered or Undeliverable.
        """
        ...

    def close(self) -> None:
        """Let connections go."""
        ...


@dataclass(frozen=True, slots=True)
class Remark:
    """Something new about a connection that is no violation: an alert of kind `behaviour`.

    `key` names the thing and is the same as long as it lasts, so that it is told once; `baseline` says
    what was usual. `member` is the connection, where it is about one; of several, `members` are some and
    `connections` counts all. What grows has a key each time, and `about` names its one alert.
    """

    key: str
    severity: Severity
    title: str
    text: str
    baseline: str
    member: Member | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: AlertKind = "behaviour"
    about: str = ""
    change: Change = "raised"
    members: tuple[Member, ...] = ()
    connections: int = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What a round brought: `sekisho.store.arrivals.COARSE` with `decided` (a Rank), and when the last of it
    was taken into the lake (aware UTC). Without rows nothing came. `arrivals` may be asked for whole
    conversations while the round is looked at; None where nothing came."""

    rows: pa.Table
    at: datetime
    arrivals: Arrivals | None = None


class Observer(Protocol):
    """Looks at what arrived, besides the verdicts: what is unusual about a connection that may be.

    `name` is what its memory is kept under.
    """

    name: str

    def observe(self, seen: Seen, lake: Lake) -> Iterable[Remark]:
        """Remarks on what came, any number of times; what was told once is left out by the caller.

        Called for each round in order, when its verdicts are told, and without rows when nothing came:
        for what was put off.
        """
        ...

    def begin(self, file: int) -> None:
        """It begins without a memory: what the lake holds up to that file is not shown to it."""
        ...

    def memory(self) -> bytes:
        """What it remembers. After a start it is shown again only what came after this was asked for."""
        ...

    def remember(self, memory: bytes) -> None:
        """Take up what `memory` gave, before anything is shown; what it cannot read it leaves."""
        ...
