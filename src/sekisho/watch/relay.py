"""One message to a syslog receiver, with as much certainty as its transport gives."""

from __future__ import annotations

import fcntl
import socket
import ssl
import struct
import termios
from contextlib import suppress
from dataclasses import dataclass

from sekisho.watch.base import Misconfigured, NotDelivered
from sekisho.watch.channel import deadline, trust
from sekisho.watch.targets import Transport

REFUSAL = 0.2
"""Seconds in which a host on the same network says that nobody listens on a UDP port."""


@dataclass(frozen=True, slots=True)
class Relay:
    """A receiver and how to reach it. `timeout` bounds connecting and sending, each, in seconds."""

    host: str
    port: int
    transport: Transport
    timeout: float = 10.0
    ca_file: str | None = None

    @property
    def label(self) -> str:
        """What messages call it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}/{self.transport}"

    def send(self, message: bytes) -> None:
        """Send; by TCP and TLS this returns once the receiver has taken every octet.

        Raises NotDelivered or Misconfigured.
        """
        try:
            if self.transport == "udp":
                self._datagram(message)
            else:
                self._stream(b"%d %s" % (len(message), message))
        except socket.gaierror as error:
            raise NotDelivered(f"{self.label}: {error.strerror}") from error
        except ssl.SSLCertVerificationError as error:
            raise Misconfigured(f"{self.label}: {error.verify_message}") from error
        except OSError as error:
            raise NotDelivered(f"{self.label}: {error.strerror or error}") from error

    def _datagram(self, message: bytes) -> None:
        family, kind, protocol, _, address = socket.getaddrinfo(
            self.host, self.port, type=socket.SOCK_DGRAM
        )[0]
        with socket.socket(family, kind, protocol) as channel:
            channel.settimeout(REFUSAL)
            channel.connect(address)
            channel.send(message)
            with suppress(TimeoutError):
                channel.recv(1)

    def _stream(self, framed: bytes) -> None:
        with socket.create_connection((self.host, self.port), self.timeout) as plain:
            if self.transport == "tcp":
                self._exchange(plain, framed)
                return
            context = trust(self.ca_file)
            with (
                deadline(lambda: plain, self.timeout),
                context.wrap_socket(
                    plain, server_hostname=self.host, do_handshake_on_connect=False
                ) as own,
            ):
                own.settimeout(self.timeout)
                with deadline(lambda: own, self.timeout):
                    own.do_handshake()
                self._exchange(own, framed)

    def _exchange(self, channel: socket.socket, framed: bytes) -> None:
        """A connection of its own for each message: what is written to one that died is lost unseen."""
        with deadline(lambda: channel, 2 * self.timeout):
            channel.sendall(framed)
            try:
                if isinstance(channel, ssl.SSLSocket):
                    channel.unwrap()
                else:
                    channel.shutdown(socket.SHUT_WR)
                    while channel.recv(4096):
                        pass
            except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
                pass  # closed without a farewell, after our own
            except TimeoutError:
                if _unacknowledged(channel):
                    raise


def _unacknowledged(channel: socket.socket) -> int:
    """Octets that the other end's kernel has not acknowledged (tcp(7), SIOCOUTQ)."""
    return int(struct.unpack("i", fcntl.ioctl(channel.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0])
