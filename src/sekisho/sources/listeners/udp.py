"""Datagrams: NetFlow, IPFIX and sFlow, or one syslog message each (RFC 5426)."""

from __future__ import annotations

import contextlib
import socket
import struct
import time

from sekisho.sources.listeners.backlog import Backlog
from sekisho.sources.listeners.base import Listen
from sekisho.sources.listeners.block import Block
from sekisho.sources.listeners.counters import Counters
from sekisho.sources.listeners.peers import Peers
from sekisho.sources.listeners.sockets import SO_MEMINFO, SO_RXQ_OVFL, open_socket, widen

_ANCILLARY = socket.CMSG_SPACE(4)
_MEMINFO = struct.Struct("9I")
_DROPS = 8
_WRAP = 1 << 32


class UdpListener:
    """A socket, received from in one thread. `receive_buffer` is what the system granted, in bytes."""

    def __init__(self, listen: Listen, backlog: Backlog, peers: Peers) -> None:
        self.socket, self.bound = open_socket(listen)
        self.peers = peers
        self.counters = Counters()
        self._kind = int(listen.content)
        self._block = Block(backlog, self.counters)
        self._dropped = 0
        self.receive_buffer = widen(self.socket, listen.receive_buffer)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)

    def drain(self, limit: int) -> bool:
        """Take up to `limit` datagrams; whether there may be more."""
        receive, block, counters, kind = (
            self.socket.recvmsg_into,
            self._block,
            self.counters,
            self._kind,
        )
        known, now = self.peers.of, time.time_ns
        for _ in range(limit):
            try:
                size, ancillary, flags, sender = receive(
                    (block.room(),), _ANCILLARY, socket.MSG_DONTWAIT
                )
            except BlockingIOError:
                return False
            except OSError:
                counters.errors += 1
                return False
            if ancillary:
                self._count_drops(int.from_bytes(ancillary[0][2], "little"))
            peer = known(sender[0])
            if peer is None:
                counters.strangers += 1
            elif flags & socket.MSG_TRUNC:
                counters.oversize += 1
            else:
                counters.received += 1
                counters.bytes += size
                block.keep(size, peer, kind, sender[1], now() // 1000)
        return True

    def hand_over(self) -> None:
        """Give what was received to the journal."""
        self._block.hand_over()

    def look(self) -> None:
        """Count what the queue has dropped since: datagrams tell only of those dropped before them."""
        # Kernels before 4.12 do not say it.
        with contextlib.suppress(OSError):
            told = self.socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, _MEMINFO.size)
            if len(told) == _MEMINFO.size:
                self._count_drops(_MEMINFO.unpack(told)[_DROPS])

    def close(self) -> None:
        """Hand over and stop listening."""
        self.look()
        self.hand_over()
        self.socket.close()

    def _count_drops(self, total: int) -> None:
        more = (total - self._dropped) % _WRAP
        # A datagram's own count is from when it came, older than what was asked for meanwhile.
        if more < _WRAP // 2:
            self.counters.queue += more
            self._dropped = total
