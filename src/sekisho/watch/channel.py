"""TLS as it is checked everywhere here, and a bound on a whole exchange."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sekisho.watch.base import Misconfigured


def trust(ca_file: str | None = None) -> ssl.SSLContext:
    """Verify as the system does, and by a company's own authority too. Raises Misconfigured."""
    try:
        context = ssl.create_default_context()
        if ca_file:
            context.load_verify_locations(ca_file)
    except OSError as error:
        raise Misconfigured(f"cannot read certificates from {ca_file}: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def deadline(connection: Callable[[], socket.socket | None], seconds: float) -> Iterator[None]:
    """Shut a connection down after so long: a peer that drips bytes would outlast any socket timeout.

    What then waits on the connection raises OSError, or sees its end.
    """

    def shut() -> None:
        with suppress(OSError):  # it was closed already
            if found := connection():
                found.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
