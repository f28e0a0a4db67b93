"""Who is at the other end: mutual TLS on both sides, and a certificate handed to the application.

uvicorn asks for client certificates and keeps them to itself. `PeerProtocol` puts the peer's into the
scope as the ASGI TLS extension (0.2) has it, so that the application stands on any server that does.
"""

from __future__ import annotations

import ssl
from asyncio import Transport
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from uvicorn.protocols.http.h11_impl import H11Protocol

from sekisho.errors import RequestError

_FINGERPRINT = "sha256:"


@dataclass(frozen=True, slots=True)
class Peer:
    """A verified certificate: `fingerprint` as `sha256:HEX` of its DER, DNS names in lower case."""

    fingerprint: str
    names: frozenset[str]
    begin: datetime
    end: datetime

    def is_called(self, certificate: str) -> bool:
        """Whether settings mean this one: by its fingerprint, or by one of its names."""
        wanted = certificate.strip().lower()
        if wanted.startswith(_FINGERPRINT):
            return wanted.replace(":", "") == self.fingerprint.replace(":", "")
        return wanted in self.names

    def is_valid(self, now: datetime) -> bool:
        """Whether it still holds: a connection may outlive the certificate that opened it."""
        return self.begin <= now <= self.end


class PeerProtocol(H11Protocol):
    """HTTP/1.1 by h11, with the peer's certificate in the scope."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Called once a connection, when its handshake is done."""
        super().connection_made(transport)
        channel = transport.get_extra_info("ssl_object")
        der = channel.getpeercert(binary_form=True) if channel is not None else None
        chain = (ssl.DER_cert_to_PEM_cert(der),) if der else ()
        application = self.app

        async def with_peer(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})["tls"] = {"client_cert_chain": chain}
            await application(scope, receive, send)

        self.app = with_peer

    def shutdown(self) -> None:
        """Called when the server stops: an idle connection ends at once, not when its other end looks."""
        # The first request may not have come yet.
        idle = getattr(self.cycle, "response_complete", True)
        super().shutdown()
        if idle:
            self.transport.abort()


def peer_of(scope: MutableMapping[str, Any]) -> Peer | None:
    """The certificate that TLS verified, None where the connection had none."""
    chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
    return read_peer(chain[0].encode()) if chain else None


def read_peer(pem: bytes) -> Peer:
    """What identifies a certificate. Raises ValueError where it is none."""
    found = x509.load_pem_x509_certificate(pem)
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        dns: list[str] = []
    else:
        dns = names.get_values_for_type(x509.DNSName)
    return Peer(
        _FINGERPRINT + found.fingerprint(SHA256()).hex(),
        frozenset(name.lower() for name in dns),
        found.not_valid_before_utc,
        found.not_valid_after_utc,
    )


def client_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """What a site connects with: it trusts this CA alone. Raises RequestError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _loaded(context, ca, certificate, key)


def server_context(ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    """What the centre answers with: no handshake without a certificate of this CA. Raises RequestError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0
    return _loaded(context, ca, certificate, key)


def _loaded(context: ssl.SSLContext, ca: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    # Both ends are ours: nothing older needs to be spoken.
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    for path in (ca, certificate, key):
        if not path.is_file():
            raise RequestError(
                f"{path}: there is no such file", "sekisho collector certificates --help"
            )
    try:
        context.load_verify_locations(ca)
        context.load_cert_chain(certificate, key)
    except (ssl.SSLError, OSError) as error:
        raise RequestError(
            f"{certificate} and {key} cannot be used: {error}",
            "Both are PEM, and the key belongs to the certificate.",
        ) from error
    return context
