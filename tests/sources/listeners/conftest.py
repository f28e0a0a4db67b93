from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from sekisho.sources.journal.drops import Drop, drops
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.reading import Damage, read_segment
from sekisho.sources.journal.segments import opened, sealed
from sekisho.sources.listeners.base import Bound, ListenPlan
from sekisho.sources.listeners.counters import Counters
from sekisho.sources.listeners.receive import receive
from sekisho.sources.listeners.status import Status, read_status


@dataclass(frozen=True)
class Kept:
    """All of a journal."""

    rows: list[tuple[str, int, bytes]]
    """(peer, kind, payload)"""
    drops: list[Drop]
    damage: list[Damage]

    @property
    def payloads(self) -> list[bytes]:
        return [row[2] for row in self.rows]


def kept_in(folder: Path) -> Kept:
    kept = Kept([], [], [])
    for segment in sealed(folder):
        with closing(opened(segment)) as stream:
            for block in read_segment(stream):
                kept.rows.extend(
                    (block.names[block.peers[n]], int(block.kinds[n]), block.payload(n))
                    for n in range(len(block))
                    if block.kinds[n] != Kind.DROPPED
                )
                kept.drops.extend(drops(block))
                kept.damage.extend(block.damage)
    return kept


@pytest.fixture
def kept() -> Callable[[Path], Kept]:
    """Everything that a folder's sealed segments hold."""
    return kept_in


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Look again and again; what never comes fails the test."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for something to come about."""
    return wait_until


class Run:
    """A receiver in a thread of the test."""

    def __init__(self, plan: ListenPlan, folder: Path, pool: ThreadPoolExecutor) -> None:
        self.folder = folder
        self.bound: tuple[Bound, ...] = ()
        self._stop = threading.Event()
        began = threading.Event()

        def ready(bound: Sequence[Bound]) -> None:
            self.bound = tuple(bound)
            began.set()

        self._done: Future[bool] = pool.submit(receive, plan, folder, stop=self._stop, ready=ready)
        self._done.add_done_callback(lambda _: began.set())
        began.wait()
        if not self.bound:
            self._done.result()

    def stop(self) -> tuple[Kept, Counters]:
        """What is in the journal after a stop, and what the first listener counted."""
        self.whole = self.ask()
        return kept_in(self.folder), self.status.listeners[0].counters

    def ask(self) -> bool:
        self._stop.set()
        return self._done.result()

    @property
    def status(self) -> Status:
        found = read_status(self.folder)
        assert found is not None
        return found

    def waiting(self, at: int = 0) -> int:
        """Bytes in a UDP listener's queue, by what the system says."""
        for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == self.bound[at].port:
                return int(fields[4].rpartition(":")[2], 16)
        raise AssertionError("no such socket")

    def connect(self, at: int = 0, source: str = "127.0.0.1") -> socket.socket:
        bound = self.bound[at]
        kind = socket.SOCK_DGRAM if bound.transport == "udp" else socket.SOCK_STREAM
        made = socket.socket(socket.AF_INET, kind)
        made.settimeout(20)
        made.bind((source, 0))
        made.connect(("127.0.0.1", bound.port))
        return made


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[ListenPlan], Run]]:
    """Start a receiver that keeps its journal below the test's folder."""
    with ThreadPoolExecutor(4) as pool, ExitStack() as stack:

        def start(plan: ListenPlan) -> Run:
            running = Run(plan, tmp_path / "journal", pool)
            stack.callback(running.ask)
            return running

        yield start
