"""Real exporters: what softflowd and nfdump's tools send arrives whole, and decodes.

softflowd watches real TCP between two hosts that are network namespaces of the test's own; nothing outside
of them is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sekisho.model.addresses import keys_from_text, parse_address
from sekisho.sources.journal.reading import read_segment
from sekisho.sources.journal.segments import opened, sealed
from sekisho.sources.listeners.base import Listen, ListenPlan
from sekisho.sources.listeners.receiver import Receiver
from sekisho.sources.netflow.chunks import Decoded
from sekisho.sources.netflow.decoder import Decoder

CONNECTIONS = 60
SERVE = """
import socket, sys
listening = socket.create_server(("10.1.20.5", 8443))
print("ready", flush=True)
for _ in range(int(sys.argv[1])):
    accepted, _ = listening.accept()
    while accepted.recv(65536):
        pass
    accepted.sendall(b"y" * 5000)
    accepted.close()
"""
CALL = """
import socket, sys
for number in range(int(sys.argv[1])):
    with socket.create_connection(("10.1.20.5", 8443)) as made:
        made.sendall(b"x" * (1000 + number))
        made.shutdown(socket.SHUT_WR)
        while made.recv(65536):
            pass
"""
PUSH = """
import socket, time
pushing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    for _ in range(200):
        pushing.sendto(bytes(1000), ("10.1.20.5", 9))
    time.sleep(0.01)
"""


def wait_for(true: Callable[[], object], seconds: float = 15) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


def need(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed here: {', '.join(missing)} (scripts/system-packages.sh does it)")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@pytest.fixture
def hosts() -> Iterator[dict[str, str]]:
    """Three hosts: `plant` (10.40.2.10, 192.0.2.1), `hq` (10.1.20.5), and `centre` (192.0.2.2)."""
    need("ip", "softflowd", "softflowctl")
    if os.geteuid() != 0:
        pytest.skip(
            "network namespaces need root: run this test as root, as continuous integration does"
        )
    names = {role: f"sk{os.getpid()}{role}" for role in ("plant", "hq", "centre")}
    with ExitStack() as stack:
        for name in names.values():
            try:
                ip("netns", "add", name)
            except subprocess.CalledProcessError as error:
                pytest.skip(f"no network namespaces here: {error.stderr.strip()}")
            stack.callback(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        for here, near, there, far in (
            ("plant", "10.40.2.10/8", "hq", "10.1.20.5/8"),
            ("plant", "192.0.2.1/24", "centre", "192.0.2.2/24"),
        ):
            ends = ((here, f"to-{there}", near), (there, f"to-{here}", far))
            ip("link", "add", ends[0][1], "netns", names[here], "type", "veth",
               "peer", "name", ends[1][1], "netns", names[there])  # fmt: skip
            for host, device, address in ends:
                ip("-n", names[host], "addr", "add", address, "dev", device)
                ip("-n", names[host], "link", "set", device, "up")
        yield names


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a program, which ends with the test at the latest."""
    with ExitStack() as stack:

        def starting(*words: object, host: str = "", **options: Any) -> subprocess.Popen[str]:
            inside = ["ip", "netns", "exec", host] if host else []
            begun = subprocess.Popen([*inside, *map(str, words)], text=True, **options)
            stack.enter_context(begun)
            stack.callback(begun.kill)
            return begun

        yield starting


def decoded(folder: Path) -> tuple[Decoder, list[Decoded]]:
    """What the journal's datagrams say."""
    decoder, all_of_it = Decoder(), []
    for segment in sealed(folder):
        with closing(opened(segment)) as stream:
            for block in read_segment(stream):
                assert block.damage == ()
                all_of_it.append(decoder.decode(block.datagrams()))
    all_of_it.append(decoder.finish())
    assert [fault for one in all_of_it for fault in one.faults] == []
    return decoder, all_of_it


def column(found: list[Decoded], name: str) -> np.ndarray[Any, Any]:
    """One field of all records that have it."""
    chunks = [chunk.columns[name] for one in found for chunk in one.chunks if name in chunk.columns]
    return np.concatenate(chunks)


def numbers(told: str, name: str) -> list[int]:
    """The numbers of one line of softflowd's statistics."""
    (line,) = (line for line in told.splitlines() if line.startswith(name))
    return [int(word) for word in line.replace("(", " ").split() if word.isdecimal()]


@pytest.mark.parametrize("version", [5, 9, 10])
def test_what_softflowd_exports_of_real_tcp_arrives_and_decodes(
    hosts: dict[str, str], start: Callable[..., subprocess.Popen[str]], tmp_path: Path, version: int
) -> None:
    folder = tmp_path / "journal"
    plan = ListenPlan((Listen("udp", "192.0.2.2", 2055),), frozenset({parse_address("192.0.2.1")}))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    receiver = start(
        sys.executable, "-m", "sekisho.sources.listeners.receive", host=hosts["centre"], **pipes
    )
    assert receiver.stdin is not None and receiver.stdout is not None  # noqa: PT018
    receiver.stdin.write(json.dumps({"plan": plan.to_json(), "folder": str(folder)}) + "\n")
    receiver.stdin.flush()
    assert json.loads(receiver.stdout.readline())["bound"][0]["port"] == 2055

    control = tmp_path / "control"
    exporter = start(
        "softflowd", "-i", "to-hq", "-n", "192.0.2.2:2055", "-v", version, "-d", "-p", tmp_path / "pid",
        "-c", control, "tcp port 8443 or udp port 9", host=hosts["plant"], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for(control.exists)

    def asked(word: str) -> str:
        done = subprocess.run(
            ["softflowctl", "-c", control, word], check=True, capture_output=True, text=True
        )
        return done.stdout

    server = start(sys.executable, "-c", SERVE, CONNECTIONS, host=hosts["hq"], stdout=subprocess.PIPE)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    client = start(sys.executable, "-c", CALL, CONNECTIONS, host=hosts["plant"])
    assert (client.wait(30), server.wait(30)) == (0, 0)
    # The exporter sees packets a quarter of a megabyte at a time: others must push the last ones through.
    carried = numbers(asked("statistics"), "Packets received by libpcap")[0]
    assert carried > 8 * CONNECTIONS
    pushing = start(sys.executable, "-c", PUSH, host=hosts["plant"])
    wait_for(lambda: numbers(asked("statistics"), "Packets processed")[0] >= carried)
    pushing.kill()
    pushing.wait()
    asked("expire-all")
    told = asked("statistics")
    asked("exit")
    exporter.wait(10)
    flows, records, packets, failures = numbers(told, "Flows exported")
    assert flows > CONNECTIONS
    assert records > 2 * CONNECTIONS
    assert failures == 0

    receiver.send_signal(signal.SIGTERM)
    assert receiver.wait(10) == 0
    decoder, found = decoded(folder)
    (loss,) = decoder.losses()
    assert (loss.exporter, loss.version, loss.lost, loss.late, loss.restarts) == (
        "192.0.2.1",
        version,
        0,
        0,
        0,
    )
    assert sum(len(chunk) for one in found for chunk in one.chunks) == records
    taken = json.loads((folder / "status.json").read_text())["listeners"][0]["counters"]
    assert (taken["received"], taken["queue"], taken["disk"]) == (packets, 0, 0)
    sizes = column(found, "bytes")
    out, back = (np.sort(sizes[column(found, port) == 8443]) for port in ("dst_port", "src_port"))
    assert len(out) == len(back) == CONNECTIONS
    # 20 bytes of IP and 20 to 40 of TCP stand before each of 4 packets and more.
    sent = out - np.arange(CONNECTIONS)
    assert ((sent > 1000 + 4 * 40) & (sent < 1000 + 12 * 60)).all()
    assert ((back > 5000 + 4 * 40) & (back < 5000 + 12 * 60)).all()


V5_FLOWS = 3000


def v5_datagrams(boot: int) -> Iterator[bytes]:
    """Exports of v5 with 30 records each: 10.40.x.y to 10.1.20.5, `1000 + n` bytes in flow n."""
    for first in range(0, V5_FLOWS, 30):
        records = b"".join(
            struct.pack(
                "!4s4s4sHHIIIIHHBBBBHHBBH",
                bytes((10, 40, n >> 8, n & 255)), bytes((10, 1, 20, 5)), bytes(4), 1, 2, 3, 1000 + n,
                5000 + n, 6000 + n, 40_000, 8443, 0, 0x1B, 6, 0, 0, 0, 16, 16, 0,
            )
            for n in range(first, first + 30)
        )  # fmt: skip
        yield struct.pack("!HHIIIIBBH", 5, 30, 10_000_000, boot, 0, first, 0, 0, 0) + records


@pytest.mark.parametrize("version", [5, 9])
def test_what_nfreplay_sends_of_an_nfcapd_file_arrives_and_decodes(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, version: int
) -> None:
    need("nfcapd", "nfreplay", "nfdump")
    captures, folder = tmp_path / "captures", tmp_path / "journal"
    captures.mkdir()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    capture = start("nfcapd", "-w", captures, "-b", "127.0.0.1", "-p", port, "-B", 1 << 20,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    wait_for(lambda: f":{port:04X} " in Path("/proc/net/udp").read_text())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for payload in v5_datagrams(int(time.time())):
            sender.sendto(payload, ("127.0.0.1", port))
    time.sleep(0.5)
    capture.terminate()
    capture.wait(10)
    (written,) = (path for path in captures.iterdir() if "current" not in path.name)

    plan = ListenPlan((Listen("udp", "127.0.0.1", 0),), frozenset({parse_address("127.0.0.1")}))
    with Receiver(plan, folder) as receiver:
        to = ["-H", "127.0.0.1", "-p", str(receiver.bound[0].port), "-v", str(version)]
        subprocess.run(["nfreplay", "-r", written, *to], check=True, capture_output=True)
    decoder, found = decoded(folder)
    (loss,) = decoder.losses()
    assert (loss.version, loss.lost, loss.late, loss.restarts) == (version, 0, 0, 0)
    assert sorted(column(found, "bytes").tolist()) == [1000 + n for n in range(V5_FLOWS)]
    assert set(column(found, "dst_port").tolist()) == {8443}
    sources = keys_from_text(pa.array([f"10.40.{n >> 8}.{n & 255}" for n in range(V5_FLOWS)]))[1]
    assert sorted(column(found, "src4_lo").tolist()) == sorted(sources.tolist())
