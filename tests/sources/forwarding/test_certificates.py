from __future__ import annotations

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sekisho.errors import RequestError
from sekisho.sources.forwarding.certificates import authority, ends, issue
from sekisho.sources.forwarding.peer import client_context, read_peer, server_context

NOW = datetime.now(UTC)
YEAR = timedelta(days=365)


def test_both_ends_trust_each_other(tmp_path: Path) -> None:
    assert authority(tmp_path, now=NOW)
    assert not authority(tmp_path, now=NOW)
    centre = issue(tmp_path, "centre.example", ["127.0.0.1"], now=NOW, lasts=YEAR)
    site = issue(tmp_path, "th-plant", [], now=NOW, lasts=YEAR)
    ours, theirs = socket.socketpair()
    seen: list[bytes] = []

    def serve() -> None:
        context = server_context(tmp_path / "ca.pem", centre.certificate, centre.key)
        with context.wrap_socket(theirs, server_side=True) as channel:
            seen.append(channel.getpeercert(binary_form=True) or b"")
            channel.sendall(b"x")

    thread = threading.Thread(target=serve)
    thread.start()
    context = client_context(tmp_path / "ca.pem", site.certificate, site.key)
    with context.wrap_socket(ours, server_hostname="127.0.0.1") as channel:
        assert channel.recv(1) == b"x"
        assert channel.version() == "TLSv1.3"
    thread.join()
    peer = read_peer(ssl.DER_cert_to_PEM_cert(seen[0]).encode())
    assert (peer.fingerprint, peer.names) == (site.fingerprint, frozenset({"th-plant"}))


def test_keys_are_for_their_owner_alone_and_never_overwritten(tmp_path: Path) -> None:
    authority(tmp_path, now=NOW)
    made = issue(tmp_path, "th-plant", [], now=NOW, lasts=YEAR)
    for key in (made.key, tmp_path / "ca.key"):
        assert key.stat().st_mode & 0o077 == 0
    before = made.key.read_bytes()
    with pytest.raises(RequestError, match="is there already"):
        issue(tmp_path, "th-plant", [], now=NOW, lasts=YEAR)
    assert made.key.read_bytes() == before


def test_no_certificate_outlives_its_authority(tmp_path: Path) -> None:
    authority(tmp_path, now=NOW)
    made = issue(tmp_path, "a", [], now=NOW, lasts=timedelta(days=99_999))
    assert made.end <= NOW + timedelta(days=3651)


def test_an_authority_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="cannot be used"):
        issue(tmp_path, "a", [], now=NOW, lasts=YEAR)


def test_until_when_it_holds(tmp_path: Path) -> None:
    authority(tmp_path, now=NOW)
    made = issue(tmp_path, "th-plant", [], now=NOW, lasts=YEAR)
    assert ends(made.certificate.read_bytes()) == (made.end.replace(microsecond=0),)
    both = made.certificate.read_bytes() + (tmp_path / "ca.pem").read_bytes()
    assert len(ends(both)) == 2
    with pytest.raises(ValueError, match=r"."):
        ends(b"no certificate")
