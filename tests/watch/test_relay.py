from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.watch.conftest import Authority

from sekisho.watch.base import Misconfigured, NotDelivered
from sekisho.watch.relay import Relay


@contextmanager
def listening(authority: Authority | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A TCP or TLS receiver of one connection."""
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            channel, _ = server.accept()
            channel.settimeout(10)
            try:
                if authority:
                    channel = authority.server.wrap_socket(channel, server_side=True)
                while piece := channel.recv(4096):
                    got.append(piece)
            except OSError as error:
                got.append(repr(error).encode())
            channel.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1], got
        thread.join(10)


def test_a_datagram_is_the_message_alone() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        Relay("127.0.0.1", server.getsockname()[1], "udp").send(b"<134>1 x")
        assert server.recv(4096) == b"<134>1 x"


def test_octets_are_counted_over_tcp() -> None:
    with listening() as (port, got):
        Relay("127.0.0.1", port, "tcp").send("<134>1 é".encode())
    assert b"".join(got) == "9 <134>1 é".encode()


def test_tls_is_verified_and_carries_the_same(authority: Authority) -> None:
    with listening(authority) as (port, got):
        Relay("127.0.0.1", port, "tls", ca_file=authority.ca_file).send(b"<134>1 x")
    assert b"".join(got) == b"8 <134>1 x"
    with listening(authority) as (port, got), pytest.raises(Misconfigured, match="certificate"):
        Relay("127.0.0.1", port, "tls").send(b"<134>1 x")
    assert b"<134>" not in b"".join(got)


def test_nobody_there(nobody: int) -> None:
    for transport in ("udp", "tcp", "tls"):
        with pytest.raises(NotDelivered, match=f"127.0.0.1:{nobody}/{transport}"):
            Relay("127.0.0.1", nobody, transport).send(b"x")


def test_a_peer_that_stalls_in_the_handshake_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(NotDelivered):
        Relay("127.0.0.1", server.getsockname()[1], "tls", timeout=0.2).send(b"x")


def test_a_receiver_that_never_hangs_up_has_what_its_kernel_acknowledged() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        Relay("127.0.0.1", server.getsockname()[1], "tcp", timeout=0.2).send(b"<134>1 x")
        channel, _ = server.accept()
        with channel:
            assert channel.recv(100) == b"8 <134>1 x"


def test_a_receiver_that_resets_did_not_take_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def reset() -> None:
            channel, _ = server.accept()
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            channel.close()

        thread = threading.Thread(target=reset, daemon=True)
        thread.start()
        with pytest.raises(NotDelivered):
            Relay("127.0.0.1", server.getsockname()[1], "tcp", timeout=5).send(b"x" * 8000)
        thread.join(10)


def test_ipv6_is_named_in_brackets() -> None:
    assert Relay("::1", 6514, "tls").label == "[::1]:6514/tls"
