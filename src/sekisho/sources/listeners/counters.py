"""What a listener has seen, in numbers that only grow, but for the connections open now."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Counters:
    """Of one listener since it began.

    `received` datagrams or messages of allowed peers and their `bytes`; `strangers` those of others (on
    streams their connections). Lost are `queue` (by the system, because the receive queue was full) and
    `disk` (by the receiver, because the disk was full or too slow); `oversize` are datagrams that were
    longer than any can be, `framing` messages that were too long or cut off, `errors` calls that the
    system failed. Of streams: connections `accepted`, `refused` over a limit, `stalled` in a handshake or
    a message, `failed` in a handshake, and `open` now.
    """

    received: int = 0
    bytes: int = 0
    strangers: int = 0
    queue: int = 0
    disk: int = 0
    oversize: int = 0
    framing: int = 0
    errors: int = 0
    accepted: int = 0
    refused: int = 0
    stalled: int = 0
    failed: int = 0
    open: int = 0
