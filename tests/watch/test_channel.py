from __future__ import annotations

import socket
import ssl

import pytest
from tests.watch.conftest import Authority

from sekisho.watch.base import Misconfigured
from sekisho.watch.channel import deadline, trust


def test_a_peer_that_says_nothing_for_ever_is_left() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, deadline(lambda: ours, 0.05):
        assert ours.recv(1) == b""


def test_what_was_done_in_time_is_left_alone() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with deadline(lambda: ours, 60):
            ours.sendall(b"a")
        ours.sendall(b"b")
        assert theirs.recv(2) == b"ab"


def test_certificates_and_names_are_verified(authority: Authority) -> None:
    context = trust(authority.ca_file)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    with pytest.raises(Misconfigured, match="no-such"):
        trust("/no-such")
