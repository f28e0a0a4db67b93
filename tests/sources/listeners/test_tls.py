from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from tests.sources.listeners.conftest import Run

from sekisho.errors import RequestError
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.journal import Journal
from sekisho.sources.listeners.backlog import Backlog
from sekisho.sources.listeners.base import Listen, ListenPlan, Tls
from sekisho.sources.listeners.peers import Peers
from sekisho.sources.listeners.tls import TlsListener

Start = Callable[[ListenPlan], Run]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(tmp_path: Path, authority: trustme.CA) -> Tls:
    write(authority, tmp_path)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return Tls(tmp_path / "cert.pem", tmp_path / "key.pem", None)


def write(authority: trustme.CA, folder: Path) -> None:
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    folder.joinpath("cert.pem").write_bytes(b"".join(p.bytes() for p in certificate.cert_chain_pems))


def plan(files: Tls) -> ListenPlan:
    return ListenPlan((Listen("tls", "127.0.0.1", 0, Kind.MESSAGE, tls=files),), handshake=0.5)


def client(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def test_messages_come_in_through_tls(run: Start, files: Tls, authority: trustme.CA) -> None:
    running = run(plan(files))
    with client(authority).wrap_socket(running.connect(), server_hostname="127.0.0.1") as peer:
        peer.sendall(b"9 <134>four9 <134>" + b"five")
        peer.unwrap()
    kept, counters = running.stop()
    assert kept.rows == [("127.0.0.1", Kind.MESSAGE, text) for text in (b"<134>four", b"<134>five")]
    assert (counters.accepted, counters.failed, counters.stalled) == (1, 0, 0)


def test_a_handshake_that_stalls_or_is_none_costs_its_connection_alone(
    run: Start, files: Tls, authority: trustme.CA
) -> None:
    running = run(plan(files))
    with running.connect() as stalled, running.connect() as noise, running.connect() as half:
        noise.sendall(b"GET / HTTP/1.0\r\n\r\n" * 10)
        half.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        with client(authority).wrap_socket(running.connect(), server_hostname="127.0.0.1") as peer:
            peer.sendall(b"<1>through\n")
            for one in (stalled, half):
                assert one.recv(100) == b""
        gone(noise)
    kept, counters = running.stop()
    assert kept.payloads == [b"<1>through"]
    assert (counters.accepted, counters.stalled, counters.failed, counters.open) == (4, 2, 1, 0)


def gone(peer: socket.socket) -> None:
    """The other end closed, perhaps after an alert."""
    try:
        while peer.recv(100):
            continue
    except OSError:
        return


def test_peers_must_show_a_certificate_where_it_is_asked_for(
    run: Start, files: Tls, authority: trustme.CA, tmp_path: Path
) -> None:
    running = run(plan(replace(files, clients=tmp_path / "ca.pem")))
    known, unknown = client(authority), client(authority)
    authority.issue_cert("edge@example.org").configure_cert(known)
    trustme.CA().issue_cert("edge@example.org").configure_cert(unknown)
    for context in (client(authority), unknown):
        with (
            running.connect() as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as peer,
        ):
            peer.sendall(b"<1>nobody\n")
            gone(peer)
    with known.wrap_socket(running.connect(), server_hostname="127.0.0.1") as peer:
        peer.sendall(b"<1>known\n")
    kept, counters = running.stop()
    assert kept.payloads == [b"<1>known"]
    assert counters.failed == 2


def test_what_is_no_certificate_is_the_requests_fault(run: Start, files: Tls) -> None:
    with pytest.raises(RequestError, match="has no certificate"):
        run(ListenPlan((Listen("tls", "127.0.0.1", 0, Kind.MESSAGE),)))
    files.certificate.write_text("none")
    with pytest.raises(RequestError, match="cannot be read"):
        run(plan(files))
    files.certificate.unlink()
    with pytest.raises(RequestError, match="cannot be read"):
        run(plan(files))


def test_a_certificate_written_anew_is_taken(tmp_path: Path, files: Tls, authority: trustme.CA) -> None:
    asked = plan(files)
    backlog = Backlog(Journal(tmp_path / "journal"), 1 << 20)
    listener = TlsListener(asked.listens[0], asked, backlog, Peers(None))
    try:
        before = shown(listener, authority)
        write(authority, tmp_path)
        assert shown(listener, authority) == before
        listener.renew()
        assert shown(listener, authority) != before
        files.key.write_text("half")
        listener.renew()
        assert listener.counters.errors == 1
        files.key.unlink()
        listener.renew()
        assert listener.counters.errors == 2
    finally:
        listener.socket.close()
        backlog.close()


def shown(listener: TlsListener, authority: trustme.CA) -> bytes | None:
    """The certificate that a new connection is shown."""
    assert listener._context is not None
    here, there = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = listener._context.wrap_bio(here, there, server_side=True)
    peer = client(authority).wrap_bio(there, here, server_hostname="127.0.0.1")
    for _ in range(4):
        for side in (peer, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return peer.getpeercert(binary_form=True)
