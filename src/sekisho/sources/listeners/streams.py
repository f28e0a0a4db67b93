"""What syslog over TCP and over TLS share: many connections, each bounded, none trusted to end."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import Counter
from typing import cast

from sekisho.sources.journal.framing import Kind, framed
from sekisho.sources.listeners.backlog import Backlog
from sekisho.sources.listeners.base import Listen, ListenPlan
from sekisho.sources.listeners.counters import Counters
from sekisho.sources.listeners.peers import Peers
from sekisho.sources.listeners.sockets import open_socket
from sekisho.sources.syslog import Framer

_GATHERED = 1 << 18
"""Bytes of records handed over at once."""
_PAUSE = 0.1
_KEEPALIVE = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4))


class StreamListener:
    """A listening socket and its connections, on one event loop.

    While the backlog is full nothing is read, so that peers wait rather than lose.
    """

    def __init__(self, listen: Listen, plan: ListenPlan, backlog: Backlog, peers: Peers) -> None:
        self._context = self.context(listen)
        self.socket, self.bound = open_socket(listen)
        self.peers = peers
        self.counters = Counters()
        self._plan = plan
        self._backlog = backlog
        self._gathered = bytearray()
        self._count = 0
        self._connections: set[_Connection] = set()
        self._of_peer: Counter[bytes] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._paused = False

    def context(self, listen: Listen) -> ssl.SSLContext | None:
        """The TLS that is spoken, None for none. Raises RequestError."""
        raise NotImplementedError

    def begin(self) -> None:
        """Accept from now on."""
        self._accepting = asyncio.get_running_loop().create_task(self._accept())

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, sender = await loop.sock_accept(self.socket)
            except OSError:
                # No more descriptors, or a peer that went before it was looked at.
                self.counters.errors += 1
                await asyncio.sleep(_PAUSE)
                continue
            peer = self.peers.of(sender[0])
            if peer is None:
                self.counters.strangers += 1
                accepted.close()
            elif (
                self._of_peer.total() >= self._plan.connections
                or self._of_peer[peer] >= self._plan.connections_of_one
            ):
                self.counters.refused += 1
                accepted.close()
            else:
                self.counters.accepted += 1
                self._of_peer[peer] += 1
                task = loop.create_task(self._take(accepted, peer, sender[1]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _take(self, accepted: socket.socket, peer: bytes, port: int) -> None:
        loop = asyncio.get_running_loop()
        connection = _Connection(self, peer, port)
        try:
            accepted.settimeout(0)
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in _KEEPALIVE:
                accepted.setsockopt(socket.IPPROTO_TCP, option, value)
            timeout = self._plan.handshake if self._context else None
            await loop.connect_accepted_socket(
                lambda: connection,
                accepted,
                ssl=self._context,
                ssl_handshake_timeout=timeout,
                ssl_shutdown_timeout=timeout,
            )
        except ConnectionAbortedError:
            self.counters.stalled += 1
        except OSError:
            self.counters.failed += 1
        finally:
            if not connection.made:
                self._of_peer[peer] -= 1
                accepted.close()
            self._of_peer += Counter()

    def opened(self, connection: _Connection) -> None:
        """A connection is ready to be read from."""
        self._connections.add(connection)
        self.counters.open += 1
        if self._paused:
            connection.pause()

    def closed(self, connection: _Connection) -> None:
        """A connection is over."""
        self._connections.discard(connection)
        self._of_peer[connection.peer] -= 1
        self._of_peer += Counter()
        self.counters.open -= 1

    def keep(self, connection: _Connection, messages: list[bytes]) -> None:
        """Messages become records."""
        arrival = time.time_ns() // 1000
        for message in messages:
            self._gathered += framed(
                self._backlog.salt, Kind.MESSAGE, connection.peer, connection.port, arrival, message
            )
            self.counters.bytes += len(message)
        self._count += len(messages)
        self.counters.received += len(messages)
        if len(self._gathered) >= _GATHERED:
            self.hand_over()

    def hand_over(self) -> None:
        """Give what was gathered to the journal; where it takes nothing, read nothing until it does."""
        if self._count and self._backlog.put(bytes(self._gathered), self._count):
            self._gathered.clear()
            self._count = 0
        pause = len(self._gathered) >= _GATHERED
        if pause != self._paused:
            self._paused = pause
            for connection in self._connections:
                connection.pause() if pause else connection.resume()

    def look(self) -> None:
        """Close connections whose message has not ended in time."""
        latest = time.monotonic() - self._plan.unfinished
        for connection in list(self._connections):
            if not self._paused and connection.began is not None and connection.began < latest:
                self.counters.stalled += 1
                connection.abort()

    async def finish(self, patience: float = 2.0) -> None:
        """Take who and what has arrived already, then close all."""
        until = time.monotonic() + patience
        seen, before = self._seen(), None
        while time.monotonic() < until and (before != seen or self._paused):
            held_up = self._paused
            await asyncio.sleep(_PAUSE)
            self.hand_over()
            seen, before = self._seen(), None if held_up else seen
        self._accepting.cancel()
        await asyncio.gather(self._accepting, return_exceptions=True)
        self.socket.close()
        for connection in list(self._connections):
            connection.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while self._connections and time.monotonic() < until + patience:
            await asyncio.sleep(0)
        self.hand_over()
        self.counters.disk += self._count
        self._gathered.clear()
        self._count = 0

    def _seen(self) -> tuple[int, int, int]:
        numbers = self.counters
        return numbers.accepted, numbers.received, numbers.open


class _Connection(asyncio.Protocol):
    """One peer's stream. `began` is when (monotonic) the message began that has not ended, None for none."""

    def __init__(self, listener: StreamListener, peer: bytes, port: int) -> None:
        self.peer, self.port = peer, port
        self.began: float | None = None
        self.made = False
        self._listener = listener
        self._framer = Framer()
        self._paused = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It can be read from now."""
        self._transport = cast(asyncio.Transport, transport)
        self.made = True
        self._listener.opened(self)

    def data_received(self, data: bytes) -> None:
        """Some of the stream."""
        messages = self._told(self._framer.feed(data))
        if not self._framer.unfinished:
            self.began = None
        elif messages or self.began is None:
            self.began = time.monotonic()

    def connection_lost(self, exc: Exception | None) -> None:
        """It ended, in whatever way: what stands before the end is a message."""
        self._told(self._framer.close())
        self._listener.closed(self)

    def pause(self) -> None:
        """Read nothing more for now."""
        if self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None and self._paused:
            self._paused = False
            self._transport.resume_reading()

    def abort(self) -> None:
        """End it without waiting for the peer."""
        if self._transport is not None:
            self._transport.abort()

    def _told(self, messages: list[bytes]) -> bool:
        self._listener.counters.framing += self._framer.dropped
        self._framer.dropped = 0
        if messages:
            self._listener.keep(self, messages)
        return bool(messages)
