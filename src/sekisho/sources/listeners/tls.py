"""Syslog over TLS (RFC 5425), with the peers' certificates where they are asked for."""

from __future__ import annotations

import ssl

from sekisho.errors import RequestError
from sekisho.sources.listeners.base import Listen, Tls
from sekisho.sources.listeners.streams import StreamListener


class TlsListener(StreamListener):
    """Streams inside TLS 1.2 or later.

    `renew` takes a certificate that was written anew, for connections that begin after.
    """

    def context(self, listen: Listen) -> ssl.SSLContext:
        """This end's certificate and whose certificates are asked for. Raises RequestError."""
        if listen.tls is None:
            raise RequestError(
                f"tls://{listen.host}:{listen.port} has no certificate", "name its files"
            )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(listen.tls.certificate, listen.tls.key)
            if listen.tls.clients is not None:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(listen.tls.clients)
        except OSError as error:
            raise RequestError(
                f"the certificate or key of tls://{listen.host}:{listen.port} cannot be read: {error}",
                "both are PEM files, the key without a passphrase",
            ) from error
        self._files = listen.tls
        self._written = _written(listen.tls)
        return context

    def renew(self) -> None:
        """Read certificate and key again where either changed; one that is not whole yet waits."""
        try:
            written = _written(self._files)
            if written != self._written and self._context is not None:
                self._context.load_cert_chain(self._files.certificate, self._files.key)
                self._written = written
        except OSError:
            self.counters.errors += 1


def _written(files: Tls) -> tuple[int, int]:
    return files.certificate.stat().st_mtime_ns, files.key.stat().st_mtime_ns
