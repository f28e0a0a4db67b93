"""The centre's socket: TLS with certificates on both sides, HTTP/1.1, and an end when it is asked for."""

from __future__ import annotations

import ssl

from starlette.types import ASGIApp

from sekisho.sources.forwarding.peer import PeerProtocol
from sekisho.sources.tls_server import TlsServer, bound

MOST_CONNECTIONS = 1024
IDLE = 120
"""Seconds a connection may say nothing between two requests."""
_BACKLOG = 256


class Serving(TlsServer):
    """The centre, listening. Raises RequestError where nothing can be listened on."""

    def __init__(self, application: ASGIApp, host: str, port: int, context: ssl.SSLContext) -> None:
        super().__init__(
            application,
            bound(host, port, "[collect.centre]", backlog=_BACKLOG),
            context,
            PeerProtocol,
            name="centre",
            connections=MOST_CONNECTIONS,
            idle=IDLE,
            backlog=_BACKLOG,
        )
