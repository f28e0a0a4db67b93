from __future__ import annotations

import resource
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from sekisho.errors import RequestError
from sekisho.fleet.service import serving
from sekisho.fleet.service.serving import Serving, tls


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA, tmp_path: Path) -> ssl.SSLContext:
    certificate, key = files(authority, tmp_path)
    return tls(certificate, key)


def files(authority: trustme.CA, folder: Path) -> tuple[Path, Path]:
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    for n, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(folder / "certificate.pem", append=n > 0)
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def served(context: ssl.SSLContext) -> Iterator[Serving]:
    with Serving(application, "127.0.0.1", 0, context, connections=100) as found:
        yield found


def client_context(
    authority: trustme.CA, *, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> ssl.SSLContext:
    found = ssl.create_default_context()
    authority.configure_trust(found)
    found.maximum_version = most
    return found


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_osquerys_tls_is_spoken(
    authority: trustme.CA, served: Serving, version: ssl.TLSVersion
) -> None:
    ours = client_context(authority, most=version)
    with httpx.Client(verify=ours, trust_env=False) as client:
        answer = client.post(f"https://127.0.0.1:{served.port}/x", content=b"y" * 100_000)
    assert (answer.status_code, len(answer.content)) == (200, 100_000)
    assert "server" not in answer.headers


def test_nothing_older_is_spoken(context: ssl.SSLContext) -> None:
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_plain_http_gets_no_answer(served: Serving) -> None:
    with pytest.raises(httpx.TransportError), httpx.Client(trust_env=False) as client:
        client.post(f"http://127.0.0.1:{served.port}/x")


def test_a_client_certificate_is_asked_for_where_authorities_are_named(
    authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "clients.pem")
    context = tls(*files(authority, tmp_path), tmp_path / "clients.pem")
    with Serving(application, "127.0.0.1", 0, context, connections=100) as served:
        url = f"https://127.0.0.1:{served.port}/x"
        ours = client_context(authority)
        with pytest.raises(httpx.TransportError), httpx.Client(verify=ours, trust_env=False) as client:
            client.post(url)
        authority.issue_cert("pc1").configure_cert(ours)
        with httpx.Client(verify=ours, trust_env=False) as client:
            assert client.post(url).status_code == 200


def test_who_begins_and_says_no_more_is_let_go(
    authority: trustme.CA, context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SLOWEST", 0.2)
    ours = client_context(authority)
    with ExitStack() as stack:
        served = stack.enter_context(Serving(application, "127.0.0.1", 0, context, connections=100))

        def connect() -> ssl.SSLSocket:
            plain = socket.create_connection(("127.0.0.1", served.port), timeout=20)
            return stack.enter_context(ours.wrap_socket(plain, server_hostname="127.0.0.1"))

        silent, dripping, idle = connect(), connect(), connect()
        for one in (dripping, idle):
            one.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            assert one.recv(100).startswith(b"HTTP/1.1 200")
        dripping.sendall(b"POST / HT")
        assert closed(silent)
        assert closed(dripping)
        # One that waits between two whole requests is an ordinary node.
        time.sleep(0.6)
        idle.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")


def closed(channel: ssl.SSLSocket) -> bool:
    try:
        while channel.recv(100):
            pass
    except ConnectionError:
        return True
    return True


def test_it_ends_with_connections_that_are_kept_alive(
    authority: trustme.CA, context: ssl.SSLContext
) -> None:
    with httpx.Client(verify=client_context(authority), trust_env=False) as client:
        with Serving(application, "127.0.0.1", 0, context, connections=100) as served:
            assert client.post(f"https://127.0.0.1:{served.port}/x").status_code == 200
            assert served.connections == 1
        assert not served.alive


def test_a_port_that_is_taken_and_one_that_is_shared(context: ssl.SSLContext) -> None:
    with Serving(application, "127.0.0.1", 0, context, connections=100, shared=True) as first:
        with Serving(
            application, "127.0.0.1", first.port, context, connections=100, shared=True
        ) as second:
            assert second.port == first.port
        with pytest.raises(RequestError, match="cannot listen"):
            Serving(application, "127.0.0.1", first.port, context, connections=100)


def test_files_that_are_no_certificate(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file"):
        tls(tmp_path / "a", tmp_path / "b")
    for name in ("a", "b"):
        (tmp_path / name).write_text("nothing")
    with pytest.raises(RequestError, match="cannot be used"):
        tls(tmp_path / "a", tmp_path / "b")


def test_there_are_descriptors_for_its_connections(context: ssl.SSLContext) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 1024), hard))
    try:
        with Serving(application, "127.0.0.1", 0, context, connections=2000):
            assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= 2000
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, max(hard, soft)))


def test_one_host_does_not_hold_all_connections(authority: trustme.CA, context: ssl.SSLContext) -> None:
    told: list[str] = []

    def tell(address: str, words: str) -> None:
        told.append(f"{address} {words}")

    with (
        ExitStack() as stack,
        Serving(application, "127.0.0.1", 0, context, connections=8, tell=tell) as server,
    ):
        place = ("127.0.0.1", server.port)
        for _ in range(20):
            # It never even shakes hands.
            stack.enter_context(socket.create_connection(place, source_address=("127.0.0.9", 0)))
        ours = client_context(authority)
        for n in range(4):
            client = stack.enter_context(httpx.Client(verify=ours, trust_env=False))
            answer = client.post(f"https://127.0.0.1:{server.port}/x", content=b"y" * n)
            assert (answer.status_code, answer.content) == (200, b"y" * n)
    assert {one.partition(" ")[0] for one in told} == {"127.0.0.9"}
    assert any("room for others" in one for one in told)
