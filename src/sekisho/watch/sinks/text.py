"""`text`: alerts for a person who looks at a terminal or a log, in 80 columns."""

from __future__ import annotations

import textwrap
from typing import BinaryIO

from sekisho.model.findings import rfc3339
from sekisho.watch.alerts import Alert
from sekisho.watch.base import NotDelivered, Payload

WIDTH = 80
MOST_SHOWN = 5
"""Connections that are named."""


class Text:
    """Writes each alert as a few lines and flushes them."""

    def __init__(self, stream: BinaryIO, name: str = "text") -> None:
        self.name = name
        self._stream = stream

    def render(self, alert: Alert) -> Payload:
        """What is wrong, then who, then what else there is to know."""
        head = f"{rfc3339(alert.at)[:19]}Z {alert.severity} {alert.change} {alert.id}"
        lines = [head, *_wrapped(alert.title), *_wrapped(alert.text)]
        if alert.connections > 1:
            for member in alert.members[:MOST_SHOWN]:
                ends = f"{member.src.address} -> {member.dst.address}"
                lines += _wrapped(f"{ends} : {member.service}, {member.verdict}", 4)
            more = alert.connections - min(len(alert.members), MOST_SHOWN)
            if more > 0:
                lines.append(f"    and {more:,} more")
        if alert.baseline:
            lines += _wrapped(f"Usual: {alert.baseline}")
        return Payload(("\n".join(lines) + "\n\n").encode())

    def deliver(self, payload: Payload) -> None:
        """Write and flush. Raises NotDelivered where nobody reads any more."""
        try:
            self._stream.write(payload.body)
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise NotDelivered(f"cannot write: {error}") from error

    def close(self) -> None:
        """The stream belongs to whoever gave it."""


def _wrapped(text: str, indent: int = 2) -> list[str]:
    """Lines that no terminal obeys: what came with records is text and nothing else."""
    plain = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    space = " " * indent
    return textwrap.wrap(plain, WIDTH, initial_indent=space, subsequent_indent=space)
