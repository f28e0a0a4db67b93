"""Sockets that listen, bound to an address that a person wrote."""

from __future__ import annotations

import contextlib
import socket
from ipaddress import ip_address

from sekisho.errors import RequestError
from sekisho.sources.listeners.base import Bound, Listen

SO_RXQ_OVFL = 40
SO_MEMINFO = 55
_SO_RCVBUFFORCE = 33
_BACKLOG = 512


def open_socket(listen: Listen) -> tuple[socket.socket, Bound]:
    """A bound socket that does not block; a stream's listens. Raises RequestError."""
    what = f"{listen.transport}://{listen.host}:{listen.port}"
    try:
        version = ip_address(listen.host).version
    except ValueError:
        raise RequestError(
            f"{listen.host!r} is no address to listen on", "write one, such as ::"
        ) from None
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    udp = listen.transport == "udp"
    opened = socket.socket(family, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    try:
        opened.settimeout(0)
        if version == 6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if not udp:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listen.reuse_port:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        opened.bind((listen.host, listen.port))
        if not udp:
            opened.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        opened.close()
        reason = error.strerror if isinstance(error, OSError) else str(error)
        mend = {
            13: "ports below 1024 need the capability CAP_NET_BIND_SERVICE",
            98: "another program listens there; stop it or take another port",
            99: "no interface of this host has that address",
        }.get(getattr(error, "errno", 0) or 0, "")
        raise RequestError(f"cannot listen on {what}: {reason}", mend) from error
    host, port = opened.getsockname()[:2]
    return opened, Bound(listen.transport, host.partition("%")[0], port)


def widen(opened: socket.socket, size: int) -> int:
    """Ask for a receive buffer of `size` bytes, beyond the system's limit where that is allowed; what was
    got. The system counts its own bookkeeping in it, often as much as the payload again."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, min(size, (1 << 30) - 1))
    # Without CAP_NET_ADMIN the limit of net.core.rmem_max stands.
    with contextlib.suppress(PermissionError):
        opened.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, min(size, (1 << 30) - 1))
    return opened.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
