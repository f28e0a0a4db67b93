"""From the settings and the register to what the receiver is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sekisho.app.settings.collect import CollectSettings, places
from sekisho.errors import RequestError
from sekisho.model.addresses import IPAddress
from sekisho.sources.journal.framing import Kind
from sekisho.sources.listeners.base import Listen, ListenPlan, Tls


def listen_plan(settings: CollectSettings, root: Path, allow: frozenset[IPAddress]) -> ListenPlan:
    """Where to listen; only `allow`ed addresses are taken.

    Raises RequestError where nothing is to be listened on, or nothing may send.
    """
    listens = tuple(_listens(settings, root))
    if not listens:
        raise RequestError(
            "there is nothing to listen on", "set `flows` or `syslog_udp` of [collect] in sekisho.toml"
        )
    if not allow:
        raise RequestError(
            "no sensor has an `address`, so nobody's records would be taken",
            "give sensors in sites.yaml the `address` that they send from",
        )
    return ListenPlan(listens, allow=allow, backlog=settings.memory, reserve=settings.reserve)


def _listens(settings: CollectSettings, root: Path) -> Iterator[Listen]:
    for host, port in places(settings.flows):
        yield Listen("udp", host, port, Kind.DATAGRAM, settings.buffer)
    for host, port in places(settings.syslog_udp):
        yield Listen("udp", host, port, Kind.MESSAGE, settings.buffer)
    for host, port in places(settings.syslog_tcp):
        yield Listen("tcp", host, port, Kind.MESSAGE)
    if not settings.syslog_tls:
        return
    if settings.tls_certificate is None or settings.tls_key is None:
        raise RequestError(
            "syslog over TLS needs a certificate and its key",
            "set `tls_certificate` and `tls_key` of [collect] in sekisho.toml",
        )
    clients = None if settings.tls_clients is None else root / settings.tls_clients
    tls = Tls(root / settings.tls_certificate, root / settings.tls_key, clients)
    for host, port in places(settings.syslog_tls):
        yield Listen("tls", host, port, Kind.MESSAGE, tls=tls)
