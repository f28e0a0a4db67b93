from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import closing

import httpx
import pytest
import trustme
from uvicorn.protocols.http.h11_impl import H11Protocol

from sekisho.errors import RequestError
from sekisho.sources.tls_server import TlsServer, bound


async def application(_scope: object, _receive: object, send: Callable[..., object]) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})  # type: ignore[misc]
    await send({"type": "http.response.body", "body": b""})  # type: ignore[misc]


def test_it_serves_between_its_begin_and_its_end_and_counts_who_is_there() -> None:
    authority = trustme.CA()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(server)
    authority.configure_trust(client)
    listener = bound("127.0.0.1", 0, "[x]", backlog=8)
    options = {"name": "x", "connections": 4, "idle": 60, "backlog": 8}
    with (
        httpx.Client(verify=client, trust_env=False) as caller,
        TlsServer(application, listener, server, H11Protocol, **options) as serving,  # type: ignore[arg-type]
    ):
        answer = caller.get(f"https://localhost:{serving.port}/")
        assert (answer.status_code, "server" in answer.headers) == (204, False)
        assert (serving.alive, serving.connections) == (True, 1)
    assert not serving.alive


def test_a_port_is_taken_or_shared_and_the_error_names_the_setting() -> None:
    with closing(bound("127.0.0.1", 0, "[a]", backlog=8)) as first:
        port = first.getsockname()[1]
        with pytest.raises(RequestError, match="cannot listen") as error:
            bound("127.0.0.1", port, "[b]", backlog=8)
        assert "Set [b] listen" in str(error.value.mend)
    with (
        closing(bound("127.0.0.1", 0, "[a]", backlog=8, shared=True)) as first,
        closing(bound("127.0.0.1", first.getsockname()[1], "[a]", backlog=8, shared=True)) as second,
    ):
        assert second.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
