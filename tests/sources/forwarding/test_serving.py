from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from sekisho.errors import RequestError
from sekisho.sources.forwarding.peer import client_context, server_context
from sekisho.sources.forwarding.serving import Serving


async def application(scope: dict[str, object], _receive: object, send: object) -> None:
    assert callable(send)
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_serves_until_it_ends_also_with_an_idle_connection(pki: Path) -> None:
    context = server_context(pki / "ca.pem", pki / "localhost.pem", pki / "localhost.key")
    ours = client_context(pki / "ca.pem", pki / "th-plant.pem", pki / "th-plant.key")
    with httpx.Client(verify=ours, trust_env=False) as client:
        with Serving(application, "127.0.0.1", 0, context) as serving:
            url = f"https://localhost:{serving.port}/"
            answer = client.get(url)
            assert (answer.status_code, "server" in answer.headers) == (204, False)
            assert serving.alive
        assert not serving.alive
        with pytest.raises(httpx.TransportError):
            client.get(url)


def test_a_port_that_is_taken(pki: Path) -> None:
    context = server_context(pki / "ca.pem", pki / "localhost.pem", pki / "localhost.key")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(RequestError, match="cannot listen"):
            Serving(application, "127.0.0.1", port, context)


def test_peers_that_stall_in_the_handshake_keep_nobody_out(pki: Path) -> None:
    context = server_context(pki / "ca.pem", pki / "localhost.pem", pki / "localhost.key")
    ours = client_context(pki / "ca.pem", pki / "th-plant.pem", pki / "th-plant.key")
    with ExitStack() as stack:
        serving = stack.enter_context(Serving(application, "127.0.0.1", 0, context))
        for begun in (b"", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n") * 20:
            place = "127.0.0.1", serving.port
            stalled = stack.enter_context(socket.create_connection(place, timeout=10))
            stalled.sendall(begun)
        with httpx.Client(verify=ours, trust_env=False) as client:
            assert client.get(f"https://localhost:{serving.port}/").status_code == 204
        assert serving.alive
    assert not serving.alive


def test_an_answer_does_not_wait_for_the_other_ends_acknowledgement(pki: Path) -> None:
    found: list[int] = []

    async def looking(scope: dict[str, object], receive: object, send: Any) -> None:
        accepted = send.__self__.transport.get_extra_info("socket")
        found.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await application(scope, receive, send)

    context = server_context(pki / "ca.pem", pki / "localhost.pem", pki / "localhost.key")
    ours = client_context(pki / "ca.pem", pki / "th-plant.pem", pki / "th-plant.key")
    with (
        Serving(looking, "127.0.0.1", 0, context) as serving,
        httpx.Client(verify=ours, trust_env=False) as client,
    ):
        assert client.get(f"https://localhost:{serving.port}/").status_code == 204
    assert [value != 0 for value in found] == [True]
