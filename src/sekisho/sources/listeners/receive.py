"""The receiver: a process that does nothing but receive and append to the journal.

Run as a program it takes {"folder", "plan"} as one JSON line on its input, says where it listens as one
line on its output, and stops in good order at SIGTERM, SIGINT or the end of its input, so that it does
not outlive whoever started it.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from sekisho.errors import EXIT_DONE, EXIT_PARTLY_READ, SekishoError
from sekisho.sources.journal.drops import Drop
from sekisho.sources.journal.framing import Kind, framed, peer_bytes
from sekisho.sources.journal.journal import Journal
from sekisho.sources.listeners.backlog import Backlog
from sekisho.sources.listeners.base import Bound, Listen, ListenPlan
from sekisho.sources.listeners.peers import Peers
from sekisho.sources.listeners.status import ListenerStatus, Status, write_status
from sekisho.sources.listeners.streams import StreamListener
from sekisho.sources.listeners.tcp import TcpListener
from sekisho.sources.listeners.tls import TlsListener
from sekisho.sources.listeners.udp import UdpListener

AT_ONCE = 256
"""Datagrams taken from one socket before another has its turn."""
HAND_OVER = 0.1
TELL = 1.0
_DRAIN_AT_END = 2.0


def receive(
    plan: ListenPlan,
    folder: Path,
    *,
    stop: threading.Event,
    ready: Callable[[Sequence[Bound]], None] = lambda _: None,
) -> bool:
    """Receive until `stop` is set; then whether all that was received is in the journal.

    `ready` is told where the listeners are bound, in the plan's order. Raises RequestError where one
    cannot listen or another process holds the folder, OSError where the folder cannot be written.
    """
    with ExitStack() as stack:
        journal = Journal(
            folder, segment_bytes=plan.segment_bytes, segment_seconds=plan.segment_seconds
        )
        backlog = Backlog(journal, plan.backlog, plan.reserve)
        stack.callback(backlog.close, plan.patience)
        running = _Receiving(plan, journal, backlog, stack)
        running.tell("receiving")
        ready([one.bound for one in running.listeners])
        running.run(stop)
    running.tell("stopped")
    return backlog.left == 0


class _Receiving:
    def __init__(self, plan: ListenPlan, journal: Journal, backlog: Backlog, stack: ExitStack) -> None:
        self._journal, self._backlog = journal, backlog
        self._since = time.time_ns() // 1000
        self._told: dict[str, tuple[int, int, int]] = {}
        self._selector = stack.enter_context(selectors.DefaultSelector())
        self.listeners: list[UdpListener | StreamListener] = []
        for listen in plan.listens:
            one = _opened(listen, plan, backlog)
            self.listeners.append(one)
            stack.callback(one.socket.close)
        self._udp = [one for one in self.listeners if isinstance(one, UdpListener)]
        self._streams = [one for one in self.listeners if isinstance(one, StreamListener)]
        for udp in self._udp:
            self._selector.register(udp.socket, selectors.EVENT_READ, udp)

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set, and what had arrived by then."""
        with ThreadPoolExecutor(1, "streams") as pool:
            streams = pool.submit(asyncio.run, self._serve(stop)) if self._streams else None
            if streams:
                streams.add_done_callback(lambda _: stop.set())
            try:
                self._take_datagrams(stop)
            finally:
                stop.set()
                self._finish()
        if streams:
            streams.result()
        self._note_drops(time.time_ns() // 1000)

    def _take_datagrams(self, stop: threading.Event) -> None:
        told = handed = time.monotonic()
        while not stop.is_set():
            for key, _ in self._selector.select(HAND_OVER):
                key.data.drain(AT_ONCE)
            now = time.monotonic()
            if now - handed >= HAND_OVER:
                handed = now
                for udp in self._udp:
                    udp.hand_over()
            if now - told >= TELL:
                told = now
                self.tell("receiving")

    def _finish(self) -> None:
        """Take what the queues still hold, but not for ever: a flood does not end."""
        until = time.monotonic() + _DRAIN_AT_END
        for udp in self._udp:
            while time.monotonic() < until and udp.drain(AT_ONCE):
                continue
            udp.close()

    async def _serve(self, stop: threading.Event) -> None:
        for one in self._streams:
            one.begin()
        looked = renewed = time.monotonic()
        while not stop.is_set():
            await asyncio.sleep(HAND_OVER)
            now = time.monotonic()
            for one in self._streams:
                one.hand_over()
                if now - looked >= TELL:
                    one.look()
                if now - renewed >= 60 and isinstance(one, TlsListener):
                    one.renew()
            looked = now if now - looked >= TELL else looked
            renewed = now if now - renewed >= 60 else renewed
        await asyncio.gather(*(one.finish() for one in self._streams))

    def tell(self, state: str) -> None:
        """Say how it stands, in the journal what was dropped, in the status file all."""
        now = time.time_ns() // 1000
        if state == "receiving":
            for udp in self._udp:
                udp.look()
            self._note_drops(now)
        listeners = tuple(
            ListenerStatus(
                one.bound.name,
                one.counters,
                one.receive_buffer if isinstance(one, UdpListener) else 0,
                dict(one.peers.strangers),
                one.peers.others,
            )
            for one in self.listeners
        )
        before, log = self._journal.recovered, self._backlog
        status = Status(
            os.getpid(),
            "stopped" if state == "stopped" else "receiving",
            self._since,
            now,
            listeners,
            log.written,
            log.segments,
            log.left,
            before.torn,
            before.set_aside,
            log.trouble,
        )
        try:
            write_status(self._journal.folder, status)
        except OSError as error:
            # On a full disk the file stays as it was; its time tells.
            log.trouble = log.trouble or f"the status cannot be written: {error.strerror or error}"

    def _note_drops(self, now: int) -> None:
        """Drops since the last note; they wait where the journal takes nothing, and are added up."""
        for one in self.listeners:
            name, counters = one.bound.name, one.counters
            since, queue, disk = self._told.get(name, (self._since, 0, 0))
            if (counters.queue, counters.disk) != (queue, disk):
                drop = Drop(name, since, now, counters.queue - queue, counters.disk - disk)
                peer = peer_bytes(one.bound.address)
                note = framed(self._backlog.salt, Kind.DROPPED, peer, one.bound.port, now, drop.payload)
                if not self._backlog.put(note, 1):
                    continue
                queue, disk = queue + drop.queue, disk + drop.disk
            self._told[name] = (now, queue, disk)


def _opened(listen: Listen, plan: ListenPlan, backlog: Backlog) -> UdpListener | StreamListener:
    peers = Peers(plan.allow)
    if listen.transport == "udp":
        return UdpListener(listen, backlog, peers)
    kind = TlsListener if listen.transport == "tls" else TcpListener
    return kind(listen, plan, backlog, peers)


def main() -> int:
    """The process."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    given = json.loads(sys.stdin.readline())

    def until_left_alone() -> None:
        # Not through sys.stdin, whose lock would be held at the end.
        while os.read(0, 1024):
            continue
        stop.set()

    def say(value: object) -> None:
        sys.stdout.write(json.dumps(value) + "\n")
        sys.stdout.flush()

    threading.Thread(target=until_left_alone, daemon=True).start()
    try:
        whole = receive(
            ListenPlan.of_json(given["plan"]),
            Path(given["folder"]),
            stop=stop,
            ready=lambda bound: say({"bound": [asdict(one) for one in bound]}),
        )
    except (SekishoError, OSError) as error:
        say({"error": str(error), "mend": getattr(error, "mend", "")})
        return getattr(error, "exit_status", EXIT_PARTLY_READ)
    return EXIT_DONE if whole else EXIT_PARTLY_READ


if __name__ == "__main__":
    sys.exit(main())
