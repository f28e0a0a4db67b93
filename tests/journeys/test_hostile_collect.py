"""A collector among exporters that lie, flood and stall: what is good counts once, what is bad is counted."""

from __future__ import annotations

import json
import signal
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sekisho.app import workspace as workspaces
from sekisho.app.forwarding import certificate
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace

SITES = """
sites:
  jp-hq: {prefixes: [10.1.0.0/16]}
  th-plant: {prefixes: [10.40.0.0/16]}
sensors:
  good: {site: th-plant, kind: netflow, address: 127.0.0.2}
  late: {site: th-plant, kind: netflow, address: 127.0.0.3}
  firewall: {site: jp-hq, kind: asa, address: 127.0.0.4}
  liar: {site: th-plant, kind: netflow, address: 127.0.0.5}
  clock: {site: th-plant, kind: netflow, address: 127.0.0.6}
  again: {site: th-plant, kind: netflow, address: 127.0.0.7}
"""
GOOD, LATE, FIREWALL, LIAR, CLOCK, AGAIN = (f"127.0.0.{number}" for number in range(2, 8))
CHILD = """
import sys
from dataclasses import replace
from sekisho.app.collecting import collector
from sekisho.cli.main import main

planned = collector.listen_plan
def impatient(*words):
    return replace(planned(*words), handshake=1.0, unfinished=1.0)
collector.listen_plan = impatient
main()
"""
FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4), (21, 4), (22, 4))
UPTIME = 10_000_000
LARGEST = 65_507
MEMORY = 500 << 20
"""Bytes that the collector and its receiver may have together; without a flood they have half of it."""
GROWTH = 64 << 20
"""Bytes by which a second flood like the first may add to them."""
Send = Callable[..., None]


def flow(port: int) -> bytes:
    return struct.pack(
        "!IIHHBIIII", 0x0A280905, 0x0A010005, port, 443, 6, 300, 3, UPTIME - 1000, UPTIME - 2000
    )


def a_set(number: int, body: bytes) -> bytes:
    return struct.pack("!HH", number, len(body) + 4) + body


def template(number: int, fields: tuple[tuple[int, int], ...] = FIELDS) -> bytes:
    said = b"".join(struct.pack("!HH", *one) for one in fields)
    return struct.pack("!HH", number, len(fields)) + said


def v9(sequence: int, *sets: bytes, domain: int = 1, at: int | None = None) -> bytes:
    seconds = int(time.time()) if at is None else at
    return struct.pack("!HHIIII", 9, 1, UPTIME, seconds, sequence, domain) + b"".join(sets)


def ipfix(*sets: bytes) -> bytes:
    body = b"".join(sets)
    return struct.pack("!HHIII", 10, len(body) + 16, int(time.time()), 0, 1) + body


def v5(sequence: int, ports: list[int], *, at: int | None = None, count: int | None = None) -> bytes:
    seconds = int(time.time()) if at is None else at
    head = struct.pack("!HHIIIIBBH", 5, count or len(ports), UPTIME, seconds, 0, sequence, 0, 0, 0)
    return head + b"".join(
        struct.pack(
            "!IIIHHIIIIHHBBBBHHBBH",
            *(0x0A280905, 0x0A010005, 0, 1, 2, 3, 300, UPTIME - 2000, UPTIME - 1000, port, 443),
            *(0, 2, 6, 0, 0, 0, 0, 0, 0),
        )
        for port in ports
    )


def asa(port: int) -> bytes:
    return (
        f"<166>{datetime.now(UTC):%b %d %H:%M:%S} fw : %ASA-6-302014: Teardown TCP connection {port} for "
        f"outside:10.40.2.10/{port} to inside:10.1.20.5/443 duration 0:00:30 bytes 5000 TCP FINs"
    ).encode()


class Devices:
    """Everybody who sends, and how much waits to be received."""

    def __init__(self, port: int, stack: ExitStack) -> None:
        self._port = port
        self._stack = stack
        self._sockets: dict[str, socket.socket] = {}

    def send(self, address: str, payload: bytes, port: int | None = None) -> None:
        if address not in self._sockets:
            made = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            made.bind((address, 0))
            self._sockets[address] = made
        # A full queue would be the kernel's loss, which is not what this is about.
        while self._queued() > 100_000:
            time.sleep(0.002)
        self._sockets[address].sendto(payload, ("127.0.0.1", port or self._port))

    def stream(self, address: str, port: int) -> socket.socket:
        made = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        made.bind((address, 0))
        made.settimeout(10)
        made.connect(("127.0.0.1", port))
        return made

    def _queued(self) -> int:
        lines = Path("/proc/net/udp").read_text().splitlines()
        return max(int(line.split()[4].partition(":")[2], 16) for line in lines[1:])


def lies() -> Iterator[bytes]:
    """What no exporter sends that means well, each in a datagram."""
    yield b"\x09"
    yield b""
    yield bytes(LARGEST)
    yield v5(0, [], count=65_535) + bytes(LARGEST - 24)
    yield struct.pack("!II", 5, 1) + bytes(LARGEST - 8)
    yield struct.pack("!II", 5, 1) + b"\xff" * 400
    yield v9(0, a_set(300, bytes(LARGEST - 24)))
    # Sets whose length is over their datagram's, under their own header's, and none.
    yield v9(1, struct.pack("!HH", 256, 60_000) + bytes(20))
    yield v9(2, struct.pack("!HH", 256, 3) + bytes(20))
    yield v9(3, struct.pack("!HH", 256, 0) + bytes(20))
    # Templates with more fields than they have room for, with fields longer than any datagram, of no length.
    yield v9(4, a_set(0, struct.pack("!HH", 301, 60_000) + bytes(40)))
    yield v9(4, a_set(0, struct.pack("!HH", 310, 400) + bytes(40)))
    yield v9(5, a_set(0, template(302, ((8, 65_535), (12, 65_535)))), a_set(302, bytes(1000)))
    yield v9(6, a_set(0, template(303, ((8, 0), (12, 0)))), a_set(303, bytes(1000)))
    yield v9(7, a_set(0, template(304, ())), a_set(304, bytes(1000)))
    yield ipfix(a_set(2, template(305, ((8, 65_535), (12, 65_535)))), a_set(305, b"\xff" * 1000))
    yield ipfix(a_set(2, template(306, ((8, 65_535),))), a_set(306, bytes(LARGEST - 60)))
    # Options that have no scope, only scopes, or describe themselves; one id that is both, turn by turn.
    yield v9(8, a_set(1, struct.pack("!HHH", 307, 0, 8) + struct.pack("!HHHH", 34, 4, 35, 1)))
    yield ipfix(a_set(3, struct.pack("!HHH", 308, 1, 60_000) + struct.pack("!HH", 145, 2)))
    scoped = struct.pack("!HHH", 309, 4, 4) + struct.pack("!HHHH", 5, 2, 48, 0)
    for turn in range(50):
        data = a_set(309, struct.pack("!H", 309) * 40)
        both = (a_set(1, scoped), data, a_set(0, template(309)), data)
        yield v9(9 + turn, *(both * 8))


def flood(begin: int) -> Iterator[bytes]:
    """Templates without end, in domains without end, and data for which none ever comes."""
    for domain in range(begin, begin + 25):
        announced = b"".join(template(256 + number) for number in range(1500))
        yield v9(0, a_set(0, announced), domain=domain)
        yield v9(1, a_set(60_000 + domain % 1000, bytes(20_000)), domain=domain)


def memory(pid: int) -> int:
    """Bytes that a process and its children have, as the kernel counts them."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = Path(f"/proc/{pid}/status").read_text().splitlines()
    (own,) = (int(line.split()[1]) << 10 for line in fields if line.startswith("VmRSS"))
    return own + sum(memory(int(child)) for child in children)


def flows_of(status: dict[str, Any]) -> dict[str, int]:
    return {one["address"]: one["flows"] for one in status["senders"]}


class Collecting:
    """The running verb: what it says of itself."""

    def __init__(self, root: Path, process: subprocess.Popen[str]) -> None:
        self._file = root / "data" / "journal" / "collect.json"
        self.process = process

    def status(self) -> dict[str, Any]:
        return json.loads(self._file.read_text()) if self._file.exists() else {"listeners": []}

    def until(self, reached: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        give_up = time.monotonic() + 40
        while not reached(found := self.status()):
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            assert time.monotonic() < give_up, found["senders"]
            time.sleep(0.05)
        return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace whose sensors send from this host's own addresses."""
    made = workspaces.init(tmp_path / "acme").workspace.root
    (made / "sites.yaml").write_text(SITES)
    certificate(made / "tls", "localhost", (), now=datetime.now(UTC), lasts=timedelta(days=9))
    places = dict.fromkeys(("flows", "syslog_udp", "syslog_tcp", "syslog_tls"), '"127.0.0.1:0"')
    places |= {"tls_certificate": '"tls/localhost.pem"', "tls_key": '"tls/localhost.key"'}
    lines = [f"{name} = {value}\n" for name, value in places.items()]
    with (made / "sekisho.toml").open("a") as file:
        file.write("\n[collect]\ncommit_seconds = 0.2\n" + "".join(lines))
    return made


def test_what_is_good_counts_once_and_what_is_bad_is_counted(root: Path) -> None:
    words = [sys.executable, "-c", CHILD, "--workspace", str(root), "collect", "--format", "jsonl"]
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with ExitStack() as stack:
        process = stack.enter_context(subprocess.Popen(words, **pipes))  # type: ignore[call-overload]
        stack.callback(process.kill)
        collecting = Collecting(root, process)
        listeners = collecting.until(lambda status: len(status["listeners"]) == 4)["listeners"]
        udp, syslog, tcp, tls = (int(one["name"].rpartition(":")[2]) for one in listeners)
        devices = Devices(udp, stack)
        stalled = [devices.stream(FIREWALL, tls) for _ in range(3)]
        garbled = devices.stream(FIREWALL, tls)
        garbled.sendall(b"GET / HTTP/1.1\r\n\r\n")
        crowd = [devices.stream(LIAR, tcp) for _ in range(70)]
        endless = devices.stream(FIREWALL, tcp)
        endless.sendall(b"<166>" + b"x" * 600_000 + b"\n" + asa(50_002) + b"\n" + b"y" * 600_000)
        unfinished = devices.stream(FIREWALL, tcp)
        unfinished.sendall(b"999999999 <166>")

        wanted: Counter[tuple[str, int]] = Counter()
        devices.send(GOOD, v9(0, a_set(0, template(256))))
        number = 20_000

        def good() -> None:
            nonlocal number
            number += 1
            devices.send(
                GOOD, v9(number - 20_000, a_set(256, flow(number) + bytes(-len(flow(number)) % 4)))
            )
            wanted["good", number] += 1

        for payload in lies():
            devices.send(LIAR, payload)
            good()
        for place in range(300):
            devices.send(f"127.9.{place % 100}.{place % 7 + 1}", v5(place, [place + 1]))
        good()
        now = int(time.time())
        for place, years in enumerate((-50, -20, -2, 3, 30, 70)):
            devices.send(CLOCK, v5(place, [1000 + place], at=now + years * 31_557_600 & 0xFFFFFFFF))
            good()
        for begin in (2_000_000_000, 0, 1_000_000_000, 0):
            for place in range(5):
                devices.send(AGAIN, v5(begin + place, [30_001 + place]))
                good()
        wanted.update(("again", port) for _ in range(4) for port in range(30_001, 30_006))
        for payload in flood(1000):
            devices.send(LIAR, payload)
        good()
        collecting.until(
            lambda status: GOOD in flows_of(status) and flows_of(status)[GOOD] == number - 20_000
        )
        before = memory(process.pid)
        for payload in flood(3000):
            devices.send(LIAR, payload)
        # An exporter that begins after the flood has room as well, and so do messages among lines without end.
        devices.send(LATE, v9(0, a_set(256, flow(40_001))))
        devices.send(LATE, v9(1, a_set(0, template(256)), a_set(256, flow(40_002))))
        wanted.update([("late", 40_001), ("late", 40_002)])
        devices.send(FIREWALL, b"x" * LARGEST, syslog)
        devices.send(FIREWALL, asa(50_001), syslog)
        counted = devices.stream(FIREWALL, tcp)
        counted.sendall(b"%d %s" % (len(asa(50_003)), asa(50_003)))
        wanted.update(("firewall", port) for port in (50_001, 50_002, 50_003))
        good()

        def whole(status: dict[str, Any]) -> bool:
            flows = flows_of(status)
            stalls = sum(one["stalled"] for one in status["listeners"])
            found = [flows[one] for one in (GOOD, LATE, FIREWALL, AGAIN)]
            return found == [number - 20_000, 2, 3, 20] and stalls >= 4

        status = collecting.until(whole)
        after = memory(process.pid)
        for one in (*stalled, garbled, *crowd, endless, unfinished, counted):
            one.close()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert after < MEMORY
    assert after - before < GROWTH

    with open_lake(Workspace(root), create=False) as lake:
        assert lake.verify() == []
        found: Counter[tuple[str, int]] = Counter()
        for path in lake.counted():
            if path.startswith("flows/"):
                table = pq.read_table(lake.layout.absolute(path)).to_pydict()
                found.update(zip(table["sensor"], table["src_port"], strict=True))
        assert {one: n for one, n in found.items() if one[0] not in ("liar", "clock")} == wanted
        assert sum(n for (sensor, _), n in found.items() if sensor == "clock") == 6
        lost = Counter[str]()
        for row in lake.losses().to_pylist():
            lost[row["sensor"]] += row["lost"]
        reasons = {row["reason"] for row in lake.rejects().to_pylist()}
    assert (lost["good"], lost["again"]) == (0, 0)

    senders = {one["address"]: one for one in status["senders"]}
    streams = {one["exporter"]: one for one in status["exporters"]}
    by_kind = {one["name"].partition(":")[0]: one for one in status["listeners"]}
    assert listeners[0]["name"] == status["listeners"][0]["name"]
    assert status["listeners"][0]["strangers"] == 300
    assert sum(status["strangers"].values()) == 300
    assert senders[LIAR]["rejected"] > 150
    assert senders[GOOD]["rejected"] == senders[AGAIN]["rejected"] == 0
    assert streams[AGAIN]["restarts"] == 3
    assert by_kind["tcp"]["refused"] == 70 - 64
    assert by_kind["tcp"]["framing"] >= 2
    assert by_kind["tls"]["stalled"] == 3
    assert by_kind["tls"]["failed"] == 1
    assert status["dropped"] == 0
    for part in (
        "neither NetFlow v5, v9 nor IPFIX",
        "does not fit",
        "is not kept",
        "cut off",
        "fields",
    ):
        assert any(part in reason for reason in reasons), (part, sorted(reasons))
    assert all(reason.startswith("from ") for reason in reasons if "did not come" not in reason)
