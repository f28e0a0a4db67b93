from __future__ import annotations

import socket
from contextlib import closing

import pytest

from sekisho.errors import RequestError
from sekisho.sources.listeners.base import Listen
from sekisho.sources.listeners.sockets import open_socket, widen


def test_a_free_port_is_taken_and_told() -> None:
    opened, bound = open_socket(Listen("udp", "127.0.0.1", 0))
    with closing(opened):
        assert bound.name == f"udp://127.0.0.1:{opened.getsockname()[1]}"
        assert opened.getsockname()[1] > 0


def test_both_families_come_through_one_socket() -> None:
    opened, bound = open_socket(Listen("tcp", "::", 0))
    with closing(opened), socket.create_connection(("127.0.0.1", bound.port), 5):
        pass


def test_a_taken_port_is_an_error_with_a_mend_unless_it_is_shared() -> None:
    opened, bound = open_socket(Listen("udp", "127.0.0.1", 0, reuse_port=True))
    with closing(opened):
        with pytest.raises(
            RequestError, match=rf"cannot listen on udp://127.0.0.1:{bound.port}"
        ) as error:
            open_socket(Listen("udp", "127.0.0.1", bound.port))
        assert "another program listens there" in error.value.mend
        second, _ = open_socket(Listen("udp", "127.0.0.1", bound.port, reuse_port=True))
        second.close()


@pytest.mark.parametrize(
    ("host", "port", "says"),
    [("localhost", 1, "no address to listen on"), ("192.0.2.77", 2055, "cannot listen on"),
     ("127.0.0.1", 70_000, "cannot listen on")],
)  # fmt: skip
def test_what_cannot_be_listened_on_is_the_requests_fault(host: str, port: int, says: str) -> None:
    with pytest.raises(RequestError, match=says):
        open_socket(Listen("udp", host, port))


def test_the_receive_buffer_that_was_granted_is_told() -> None:
    opened, _ = open_socket(Listen("udp", "127.0.0.1", 0))
    with closing(opened):
        assert widen(opened, 65_536) == 65_536
        assert 65_536 < widen(opened, 1 << 40) < 1 << 31
