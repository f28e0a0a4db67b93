"""The socket: TLS 1.2 or later, HTTP/1.1, thousands of connections that are kept alive.

osquery's own client speaks TLS 1.2 on most systems, so 1.3 cannot be asked for.
"""

from __future__ import annotations

import resource
import ssl
from asyncio import TimerHandle, Transport
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable
from pathlib import Path

import h11
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from sekisho.errors import RequestError
from sekisho.fleet.service.door import Door
from sekisho.sources.tls_server import TlsServer, bound

IDLE = 300
"""Seconds a connection may say nothing between two requests: longer than between two check-ins."""
SLOWEST = 30.0
"""Seconds in which a connection must have begun its first request, and ended the head of each."""
TLS_BUFFER = 16 << 10
"""Bytes that are read of a connection's TLS at once: one record."""
BACKLOG = 4096
_FILES_BESIDE = 512


class PatientProtocol(H11Protocol):
    """HTTP/1.1 by h11 that does not wait for ever for a request's head, and ends at once when told to."""

    _look: TimerHandle | None = None
    _begun = b""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Called once a connection, when its handshake is done."""
        super().connection_made(transport)
        self._look = self.loop.call_later(SLOWEST, self._slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called once a connection, at its end."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Called when the server stops: an idle connection ends at once, not when its other end looks."""
        idle = getattr(self.cycle, "response_complete", True)
        super().shutdown()
        if idle:
            self.transport.abort()

    def _slow(self) -> None:
        head = self.conn.trailing_data[0] if self.conn.their_state is h11.IDLE else b""
        # Bytes that are there since the last look are a head that comes by drops.
        if getattr(self, "cycle", None) is None or (head and self._begun):
            self.transport.abort()
            return
        self._begun = head
        self._look = self.loop.call_later(SLOWEST, self._slow)


class Serving(TlsServer):
    """The service, listening. `shared` lets several processes listen at one port; `tell` hears the address and
    words where there is no room for a connection.

    Raises RequestError where nothing can be listened on.
    """

    def __init__(
        self,
        application: ASGIApp,
        host: str,
        port: int,
        context: ssl.SSLContext,
        *,
        connections: int,
        shared: bool = False,
        tell: Callable[[str, str], None] = lambda _address, _words: None,
    ) -> None:
        room = min(connections, _descriptors(connections))
        # The standard library sets 256 KiB aside for each connection and fills them: 2.5 GB for 10,000 that
        # are idle. It is read as an attribute of the class when a connection begins.
        SSLProtocol.max_size = TLS_BUFFER
        super().__init__(
            application,
            Door(bound(host, port, "[fleet.service]", backlog=BACKLOG, shared=shared), room, tell),
            context,
            PatientProtocol,
            name="osquery",
            # The door keeps the number: who comes in is answered.
            connections=room + _FILES_BESIDE,
            idle=IDLE,
            backlog=BACKLOG,
        )


def tls(certificate: Path, key: Path, clients: Path | None = None) -> ssl.SSLContext:
    """What the service answers with; with `clients` it asks for a certificate that one of these signed.

    Raises RequestError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path in filter(None, (certificate, key, clients)):
        if not path.is_file():
            raise RequestError(f"{path}: there is no such file", "Name PEM files in [fleet.service].")
    try:
        context.load_cert_chain(certificate, key)
        if clients is not None:
            context.load_verify_locations(clients)
            context.verify_mode = ssl.CERT_REQUIRED
    except (ssl.SSLError, OSError) as error:
        raise RequestError(
            f"{certificate} and {key} cannot be used: {error}",
            "Both are PEM, and the key belongs to the certificate.",
        ) from error
    return context


def _descriptors(connections: int) -> int:
    """Raise the limit of open files as far as may be; how many connections it has room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + _FILES_BESIDE
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return connections
    if hard == resource.RLIM_INFINITY or hard >= wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return connections
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
    except (ValueError, OSError):
        # Only root may go beyond; connections that are too many give way.
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        return max(hard - _FILES_BESIDE, hard // 2)
    return connections
