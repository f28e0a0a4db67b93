"""Syslog over TCP (RFC 6587), octet counting and line feeds."""

from __future__ import annotations

from sekisho.sources.listeners.base import Listen
from sekisho.sources.listeners.streams import StreamListener


class TcpListener(StreamListener):
    """Plain streams."""

    def context(self, listen: Listen) -> None:
        """Nothing around them."""
