"""Thousands of terminals in one process, each with its own connection and address: TLS on epoll, nothing else.

One that waits costs a socket and an object, so that client and service fit on two cores side by side. Each
terminal asks once an interval, at a moment of its own, and answers at once what it is handed.
"""

from __future__ import annotations

import heapq
import json
import resource
import select
import socket
import ssl
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import osqueryd
from benchmarks.answers import ROWS

IP_BIND_ADDRESS_NO_PORT = 24
BACK_OFF = 2.0
"""Seconds after which a connection that was refused or broken is tried again, doubled up to a minute."""
LONGEST = 60.0
WAITS = 90.0
"""Seconds for an answer, before it counts as an error."""
_RW = select.EPOLLIN


@dataclass(slots=True)
class Agent:
    """One terminal. `sent` is what it waits for an answer to; `owed` what it must still deliver."""

    number: int
    hostname: str
    uuid: str
    source: str
    key: str = ""
    sock: ssl.SSLSocket | None = None
    shaking: bool = False
    at: float = 0.0
    sent: str = ""
    out: bytes = b""
    got: bytes = b""
    begun: float = 0.0
    tries: int = 0
    owed: tuple[bytes, tuple[str, ...]] | None = None
    due: float = 0.0


@dataclass
class Told:
    """What the herd saw. Latencies are seconds from the request's sending to the whole answer, by kind."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    handed: int = 0
    acknowledged: dict[int, set[str]] = field(default_factory=dict)
    doubled: int = 0
    """Questions that were handed to a terminal that had been told that its answer was taken."""
    delayed: int = 0
    """Connections that waited because this process could hold no more."""

    def latency(self, kind: str, share: float) -> float:
        """A percentile; 0 where nothing was asked."""
        found = sorted(self.latencies.get(kind, ()))
        return found[min(int(len(found) * share), len(found) - 1)] if found else 0.0


class Herd:
    """`agents` terminals against a service at `port`. `addresses` are how many of 127.0.0.0/8 they come from,
    `keep` how many stay connected; the others connect anew each time, `most` are connected at once."""

    def __init__(
        self,
        agents: int,
        port: int,
        context: ssl.SSLContext,
        secret: str,
        *,
        addresses: int = 60,
        keep: int = 1 << 30,
        most: int = 1 << 30,
    ) -> None:
        self.port = port
        self.keep = keep
        self.most = most
        self.told = Told()
        self.interval = 60.0
        self.done = 0
        self._context = context
        self._secret = secret
        self._epoll = select.epoll()
        self._by_fd: dict[int, Agent] = {}
        self._due: list[tuple[float, int]] = []
        self._open = 0
        self.agents = [
            Agent(
                n,
                f"pc-{n:05}",
                f"4c4c4544-{n >> 16:04x}-{n & 0xFFFF:04x}-8052-b4c04f56{n % 9973:04x}",
                f"127.{1 + n % addresses // 250}.0.{2 + n % addresses % 250}",
            )
            for n in range(agents)
        ]

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return self._open

    def enrol(self, at_once: int, reached: Callable[[int], None] = lambda _n: None) -> float:
        """Let all enrol, `at_once` at a time, and stay connected; the seconds it took. `reached` hears how
        many are in."""
        begun = time.perf_counter()
        waiting = [a for a in self.agents if not a.key]
        waiting.reverse()
        busy: set[int] = set()
        told = len(self.agents) - len(waiting)
        while waiting or busy:
            while waiting and len(busy) < at_once:
                agent = waiting.pop()
                busy.add(agent.number)
                self._ask(agent, "enroll")
            self._turn(0.05)
            for number in [n for n in busy if self.agents[n].key and not self.agents[n].sent]:
                busy.discard(number)
                told += 1
                reached(told)
        return time.perf_counter() - begun

    def spread(self) -> None:
        """Give each its own moment within the interval, from now on."""
        now = time.perf_counter()
        self._due = []
        for agent in self.agents:
            agent.due = now + self.interval * agent.number / len(self.agents)
            self._due.append((agent.due, agent.number))
        heapq.heapify(self._due)

    def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> float:
        """Let them check in for so long, or until something holds; the seconds it took."""
        begun = time.perf_counter()
        looked = begun
        while (now := time.perf_counter()) - begun < seconds:
            if now - looked >= 0.5:
                looked = now
                self._impatient(now)
                if until():
                    break
            while self._due and self._due[0][0] <= now:
                _, number = heapq.heappop(self._due)
                agent = self.agents[number]
                if not agent.sent:
                    self._ask(agent, "write" if agent.owed else "read")
            ahead = self._due[0][0] - now if self._due else 0.05
            self._turn(min(max(ahead, 0.0), 0.05))
        return time.perf_counter() - begun

    def close(self) -> None:
        """Hang up."""
        for agent in self.agents:
            self._drop(agent)
        self._epoll.close()

    def _turn(self, timeout: float) -> None:
        for fd, _event in self._epoll.poll(timeout, 512):
            agent = self._by_fd.get(fd)
            if agent is not None:
                self._move(agent)
        now = time.perf_counter()
        while self._due and self._due[0][0] <= now and self.agents[self._due[0][1]].key == "":
            _, number = heapq.heappop(self._due)
            self._ask(self.agents[number], "enroll")

    def _ask(self, agent: Agent, kind: str) -> None:
        if agent.sock is None and self._open >= self.most:
            # This process may hold no more; a terminal of its own would just connect.
            self.told.delayed += 1
            heapq.heappush(self._due, (time.perf_counter() + 0.5, agent.number))
            return
        agent.sent, agent.at, agent.got = kind, time.perf_counter(), b""
        if kind == "enroll":
            body = osqueryd.enroll_body(agent.hostname, agent.uuid, self._secret)
            agent.out = osqueryd.request(osqueryd.ENROLL, body)
        elif kind == "read":
            agent.out = osqueryd.request(osqueryd.READ, osqueryd.keyed_body(agent.key))
        elif agent.owed is not None:
            agent.out = osqueryd.request(osqueryd.WRITE, agent.owed[0])
        if agent.sock is None:
            self._connect(agent)
        else:
            self._move(agent)

    def _connect(self, agent: Agent) -> None:
        plain = socket.socket()
        plain.settimeout(0)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        try:
            plain.bind((agent.source, 0))
            plain.connect_ex(("127.0.0.1", self.port))
            agent.sock = self._context.wrap_socket(
                plain, do_handshake_on_connect=False, server_hostname="127.0.0.1"
            )
        except OSError as error:
            plain.close()
            self._failed(agent, f"connect: {error.strerror}")
            return
        agent.shaking = True
        self._open += 1
        self._by_fd[agent.sock.fileno()] = agent
        self._epoll.register(agent.sock.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def _move(self, agent: Agent) -> None:
        sock = agent.sock
        if sock is None:
            return
        try:
            if agent.shaking:
                sock.do_handshake()
                agent.shaking = False
                agent.at = time.perf_counter()
                self._epoll.modify(sock.fileno(), select.EPOLLIN)
            while agent.out:
                agent.out = agent.out[sock.send(agent.out) :]
            self._receive(agent, sock)
        except ssl.SSLWantReadError:
            self._watch(agent, sock, select.EPOLLIN)
        except ssl.SSLWantWriteError:
            self._watch(agent, sock, select.EPOLLIN | select.EPOLLOUT)
        except (OSError, ValueError) as error:
            self._failed(agent, f"{agent.sent or 'idle'}: {type(error).__name__}")

    def _watch(self, agent: Agent, sock: ssl.SSLSocket, events: int) -> None:
        if agent.shaking or agent.out:
            self._epoll.modify(sock.fileno(), events)

    def _receive(self, agent: Agent, sock: ssl.SSLSocket) -> None:
        while True:
            part = sock.recv(65536)
            if not part:
                self._failed(agent, f"{agent.sent or 'idle'}: hung up")
                return
            agent.got += part
            end = agent.got.find(b"\r\n\r\n")
            if end < 0:
                continue
            head = agent.got[:end].lower()
            place = head.find(b"content-length:")
            length = int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            if len(agent.got) >= end + 4 + length:
                body, status = agent.got[end + 4 : end + 4 + length], int(head[9:12])
                agent.got = b""
                self._answered(agent, status, body)
                return

    def _answered(self, agent: Agent, status: int, body: bytes) -> None:
        now, kind = time.perf_counter(), agent.sent
        agent.sent = ""
        self.told.latencies.setdefault(kind, []).append(now - agent.at)
        invalid = b'"node_invalid":true' in body.replace(b" ", b"")
        if status != 200 or invalid:
            self.told.errors[f"{kind}: {status} {'invalid' if invalid else ''}"] += 1
            if invalid:
                agent.key = ""
            self._later(agent)
            return
        agent.tries = 0
        if kind == "enroll":
            agent.key = json.loads(body)["node_key"]
        elif kind == "read" and b'"queries":{}' not in body:
            self._handed(agent, json.loads(body))
            return
        elif kind == "write" and agent.owed is not None:
            self.told.acknowledged.setdefault(agent.number, set()).update(agent.owed[1])
            agent.owed = None
            self.done += 1
        if agent.number >= self.keep:
            self._drop(agent)
        self._again(agent, now)

    def _handed(self, agent: Agent, reply: dict[str, dict[str, str]]) -> None:
        queries = reply.get("queries") or {}
        self.told.handed += len(queries)
        before = self.told.acknowledged.get(agent.number, set())
        self.told.doubled += sum(query in before for query in queries)
        rows = {q: ROWS.get(osqueryd.table_of(q), b"[]") for q in queries}
        agent.owed = (osqueryd.write_body(agent.key, rows), tuple(queries))
        self._ask(agent, "write")

    def _again(self, agent: Agent, now: float) -> None:
        """The next moment of its own."""
        if agent.due:
            late = max(0.0, now - agent.due)
            agent.due += self.interval * (1 + late // self.interval)
            heapq.heappush(self._due, (agent.due, agent.number))

    def _later(self, agent: Agent) -> None:
        agent.tries += 1
        wait = min(BACK_OFF * 2 ** min(agent.tries - 1, 8), LONGEST)
        # Not all that failed together come again together.
        spread = 0.5 + (agent.number * 2654435761 % 1000) / 1000
        heapq.heappush(self._due, (time.perf_counter() + wait * spread, agent.number))

    def _failed(self, agent: Agent, why: str) -> None:
        was = agent.sent
        idle = not was
        self._drop(agent)
        if idle:
            # A service may end what is idle; the next question connects anew.
            return
        self.told.errors[why] += 1
        agent.sent = ""
        self._later(agent)

    def _drop(self, agent: Agent) -> None:
        if agent.sock is None:
            return
        self._by_fd.pop(agent.sock.fileno(), None)
        agent.sock.close()
        agent.sock, agent.shaking, agent.out, agent.got = None, False, b"", b""
        self._open -= 1

    def _impatient(self, now: float) -> None:
        for agent in self._by_fd.copy().values():
            if agent.sent and now - agent.at > WAITS:
                self._failed(agent, f"{agent.sent}: no answer in {WAITS:.0f} s")


def descriptors(wanted: int) -> int:
    """Let this process, and those it starts, open so many files and sockets; how many it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    except (ValueError, OSError):
        # Where this process may not go beyond, the others connect anew each time.
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
