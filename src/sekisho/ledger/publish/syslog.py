"""`syslog`: a head in one message of RFC 5424; the transport is passed in."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime

from sekisho.ledger.checkpoints import SignedHead

_NOTICE = 5


class SyslogWitness:
    """A receiver of syslog. `facility` is its number, `host` what this machine calls itself, `clock`
    gives aware times; `send` takes one message without framing and raises NotPublished."""

    def __init__(
        self,
        name: str,
        send: Callable[[bytes], None],
        facility: int,
        host: str,
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self._send, self._facility, self._host, self._clock = send, facility, host, clock

    def publish(self, head: SignedHead) -> str:
        """Send it."""
        self._send(message(head, self._facility, self._host, self._clock()))
        return "sent"


def message(head: SignedHead, facility: int, host: str, at: datetime) -> bytes:
    """The message: size and root to read, and the whole note in base64 to verify. `at` is aware."""
    checkpoint = head.checkpoint
    stamp = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    name = "".join(c for c in host if "!" <= c <= "~")[:255] or "-"
    text = (
        f"<{facility * 8 + _NOTICE}>1 {stamp}Z {name} sekisho - ledger-head - "
        f"ledger={checkpoint.origin} entries={checkpoint.size} "
        f"root={base64.b64encode(checkpoint.root).decode()} "
        f"note={base64.b64encode(head.note).decode()}"
    )
    return text.encode("ascii")
