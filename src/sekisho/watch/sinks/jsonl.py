"""`jsonl`: one line of JSON an alert, on a stream such as standard output."""

from __future__ import annotations

from typing import BinaryIO

from sekisho.watch.alerts import Alert
from sekisho.watch.base import NotDelivered, Payload


class JsonLines:
    """Writes each alert as one line and flushes it."""

    def __init__(self, stream: BinaryIO, name: str = "jsonl") -> None:
        self.name = name
        self._stream = stream

    def render(self, alert: Alert) -> Payload:
        """The document on one line."""
        return Payload(alert.model_dump_json(by_alias=True).encode() + b"\n")

    def deliver(self, payload: Payload) -> None:
        """Write and flush. Raises NotDelivered where nobody reads any more."""
        try:
            self._stream.write(payload.body)
            self._stream.flush()
        except (OSError, ValueError) as error:
            raise NotDelivered(f"cannot write: {error}") from error

    def close(self) -> None:
        """The stream belongs to whoever gave it."""
