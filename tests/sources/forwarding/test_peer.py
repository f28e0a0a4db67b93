from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.sources.forwarding.conftest import NOW, Centre, certificates

from sekisho.errors import RequestError
from sekisho.sources.forwarding.peer import client_context, peer_of, read_peer


def test_a_certificate_is_named_by_its_fingerprint_or_a_dns_name(pki: Path) -> None:
    pem = (pki / "th-plant.pem").read_bytes()
    peer = read_peer(pem)
    digits = peer.fingerprint.removeprefix("sha256:")
    as_openssl = ":".join(digits[n : n + 2] for n in range(0, 64, 2)).upper()
    for name in ("th-plant", "TH-Plant", peer.fingerprint, f"SHA256:{as_openssl}"):
        assert peer.is_called(name)
    for name in ("", "jp-hq", "sha256:", "sha256:" + "0" * 64, "*", "th-plant.example"):
        assert not peer.is_called(name)
    assert peer.is_valid(peer.begin)
    assert not peer.is_valid(peer.end + timedelta(seconds=1))
    assert peer_of({"extensions": {"tls": {"client_cert_chain": [pem.decode()]}}}) == peer
    for scope in ({}, {"extensions": {}}, {"extensions": {"tls": {"client_cert_chain": ()}}}):
        assert peer_of(scope) is None


def test_no_handshake_without_a_certificate_of_our_authority(
    centre: Centre, pki: Path, tmp_path: Path
) -> None:
    certificates(tmp_path, ["th-plant"])
    without = ssl.create_default_context(cafile=str(pki / "ca.pem"))
    stranger = client_context(pki / "ca.pem", tmp_path / "th-plant.pem", tmp_path / "th-plant.key")
    distrusting = client_context(tmp_path / "ca.pem", pki / "th-plant.pem", pki / "th-plant.key")
    for context in (without, stranger, distrusting):
        with (
            httpx.Client(verify=context, trust_env=False) as client,
            pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)),
        ):
            client.get(f"https://localhost:{centre.port}/v1/segments/{'a' * 64}")
    assert centre.told == []


def test_files_that_cannot_be_used(pki: Path, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file"):
        client_context(tmp_path / "no.pem", pki / "th-plant.pem", pki / "th-plant.key")
    with pytest.raises(RequestError, match="cannot be used"):
        client_context(pki / "ca.pem", pki / "th-plant.pem", pki / "jp-hq.key")
    (tmp_path / "text.pem").write_text("text")
    with pytest.raises(RequestError, match="cannot be used"):
        client_context(tmp_path / "text.pem", pki / "th-plant.pem", pki / "th-plant.key")
    with pytest.raises(ValueError, match="PEM"):
        read_peer(b"text")
    assert NOW
