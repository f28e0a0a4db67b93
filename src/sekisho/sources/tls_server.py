"""HTTP/1.1 over TLS from a thread of its own: what services that machines reach stand on."""

from __future__ import annotations

import socket
import ssl
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from sekisho.errors import RequestError

LAST = 10
"""Seconds that what is being received has to come to an end when the server stops."""


def bound(host: str, port: int, setting: str, *, backlog: int, shared: bool = False) -> socket.socket:
    """A socket that listens; `shared` lets several processes listen at one port. `setting` is where a person
    says where, for the error. Raises RequestError where nothing can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        found = socket.create_server((host, port), family=family, backlog=backlog, reuse_port=shared)
    except OSError as error:
        raise RequestError(
            f"cannot listen on {host} port {port}: {error.strerror}",
            f"Set {setting} listen to an address of this host and a free port.",
        ) from error
    # Accepted connections take it from here. asyncio sets it only where a socket was made with its
    # protocol's number; without it each answer waits 40 ms for the other end's acknowledgement.
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


class TlsServer:
    """Serves between `with` and its end. `port` is the one it got.

    More than `connections` at a time are refused; one that says nothing for `idle` seconds between two
    requests is ended.
    """

    def __init__(
        self,
        application: ASGIApp,
        listener: socket.socket,
        context: ssl.SSLContext,
        protocol: type[H11Protocol],
        *,
        name: str,
        connections: int,
        idle: int,
        backlog: int,
    ) -> None:
        self._socket = listener
        self.port = int(listener.getsockname()[1])
        config = uvicorn.Config(
            application,
            http=protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            access_log=False,
            # Whom a request is from is said by its connection, never by its headers.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=connections,
            timeout_keep_alive=idle,
            timeout_graceful_shutdown=LAST,
            backlog=backlog,
        )
        config.load()
        config.ssl = context
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
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

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return len(self._server.server_state.connections)

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])
