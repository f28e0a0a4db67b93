"""The centre's socket: TLS with certificates on both sides, HTTP/1.1, and an end when it is asked for."""

from __future__ import annotations

import socket
import ssl
import threading
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp

from sekisho.errors import RequestError
from sekisho.sources.forwarding.peer import PeerProtocol

MOST_CONNECTIONS = 1024
IDLE = 120
"""Seconds a connection may say nothing between two requests."""
LAST = 10
"""Seconds that what is being received has to come to an end when the server stops."""


class Serving:
    """Serves from a thread of its own between `with` and its end. `port` is the one it got."""

    def __init__(self, application: ASGIApp, host: str, port: int, context: ssl.SSLContext) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=256)
        except OSError as error:
            raise RequestError(
                f"cannot listen on {host} port {port}: {error.strerror}",
                "Set [collect.centre] listen to an address of this host and a free port.",
            ) from error
        # Accepted connections take it from here. asyncio sets it only where a socket was made with its
        # protocol's number; without it each answer waits 40 ms for the other end's acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            application,
            http=PeerProtocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            # Whom a request is from is said by its certificate, never by its headers.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=LAST,
        )
        config.load()
        config.ssl = context
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="centre", daemon=True)

    def __enter__(self) -> Serving:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.should_exit = True
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether it still serves."""
        return self._thread.is_alive()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
