"""A site and the centre as two processes over loopback: cut, killed at every step, refused."""

from __future__ import annotations

import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import trustme

from sekisho.app.forwarding import backlog, collectors
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace, init
from sekisho.errors import RequestError
from sekisho.sources.forwarding.spool import Spool
from sekisho.sources.journal.journal import Journal
from sekisho.sources.journal.segments import sealed

MAIN = "from sekisho.cli.main import main; main()"
SITES = """
sites:
  th-plant: {country: TH, prefixes: [10.40.0.0/16]}
  jp-hq: {country: JP, prefixes: [10.1.0.0/16]}
sensors:
  th-edge: {site: th-plant, kind: netflow, address: 127.0.0.1, sees: [edge]}
  jp-edge: {site: jp-hq, kind: netflow, address: 10.1.0.1, sees: [edge]}
"""
CHILD_SITE = """
import os, signal, sys, threading
from pathlib import Path
from sekisho.app.collecting.site import Site
from sekisho.app.workspace import Workspace

workspace, deadly = Workspace(Path(sys.argv[1])), int(sys.argv[2])
told = 0
def step(name):
    global told
    told += 1
    if told == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
site = Site(workspace, workspace.settings(os.environ).settings.collect, steps=step)
stop = threading.Event()
forwarder = site._forwarder(stop)
thread = threading.Thread(target=forwarder.run, args=(stop,))
thread.start()
while forwarder._spool.pending():
    stop.wait(0.02)
stop.set()
thread.join()
print(told)
"""
CHILD_CENTRE = """
import os, signal, sys, threading
from pathlib import Path
from sekisho.app.collecting.centre import Centre
from sekisho.app.workspace import Workspace

workspace, deadly = Workspace(Path(sys.argv[1])), int(sys.argv[2])
told = 0
def step(name):
    global told
    told += 1
    if told == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
centre = Centre(workspace, workspace.settings(os.environ).settings.collect, steps=step)
centre.run(stop, lambda port: print(port, flush=True))
print(told)
"""


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def v5(number: int) -> bytes:
    """A datagram of one flow, told from others by its source port."""
    now = int(time.time())
    head = struct.pack("!HHIIIIBBH", 5, 1, 10_000_000, now, 0, number, 0, 0, 0)
    flow = (0x0A280905, 0x0A010005, 0, 7, 2, 3, 300, 9_998_000, 9_999_000)
    return head + struct.pack(
        "!IIIHHIIIIHHBBBBHHBBH", *flow, 10_000 + number, 445, 0, 2, 6, 0, 0, 0, 0, 0, 0
    )


class Pair:
    """A workspace for each end, with certificates of one authority."""

    def __init__(self, folder: Path) -> None:
        self.authority = trustme.CA()
        self.port, self.flows = free_port(), free_port(socket.SOCK_DGRAM)
        self.site, self.centre = (init(folder / name).workspace for name in ("site", "centre"))
        for one in (self.site, self.centre):
            (one.root / "sites.yaml").write_text(SITES)
            (one.root / "tls").mkdir()
            self.authority.cert_pem.write_to_path(one.root / "tls" / "ca.pem")
        self.certify(self.centre, "localhost")
        self.certify(self.site, "th-plant")
        self.write_site()
        self.write_centre("th-plant")

    def certify(self, where: Workspace, name: str, **more: datetime) -> None:
        pair = self.authority.issue_cert(name, **more)
        pair.cert_chain_pems[0].write_to_path(where.root / "tls" / "own.pem")
        pair.private_key_pem.write_to_path(where.root / "tls" / "own.key")

    def write_site(self) -> None:
        (self.site.root / "sekisho.toml").write_text(
            f'[collect]\nflows = "127.0.0.1:{self.flows}"\n[collect.forward]\n'
            f'url = "https://localhost:{self.port}"\n'
            'ca = "tls/ca.pem"\ncertificate = "tls/own.pem"\nkey = "tls/own.key"\n'
        )

    def write_centre(self, certificate: str) -> None:
        (self.centre.root / "sekisho.toml").write_text(
            "[collect]\ncommit_seconds = 0.1\n[collect.centre]\n"
            f'listen = "127.0.0.1:{self.port}"\n'
            'ca = "tls/ca.pem"\ncertificate = "tls/own.pem"\nkey = "tls/own.key"\n'
            f'[collect.centre.collectors.th-plant]\ncertificates = ["{certificate}"]\n'
        )

    def spooled(self, *segments: tuple[str, ...]) -> None:
        """Segments in the site's spool, with one flow of each of these exporters."""
        journal = Journal(self.site.spool, segment_seconds=1e9)
        number = 0
        for exporters in segments:
            for exporter in exporters:
                arrival = time.time_ns() // 1000
                journal.append(1, ip_address(exporter), 5000, arrival, v5(number))
                number += 1
            journal.seal()
        journal.close()

    def numbers(self) -> list[int]:
        """Which flows count at the centre."""
        if not self.centre.lake.is_dir():
            return []
        with open_lake(self.centre, create=False) as lake:
            return sorted(
                row["src_port"] - 10_000
                for path in lake.counted()
                if path.startswith("flows/")
                for row in pq.read_table(lake.layout.absolute(path)).to_pylist()
            )


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


@contextmanager
def running(code: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def collecting(where: Workspace, kind: str) -> tuple[str, ...]:
    return MAIN, "--workspace", str(where.root), "collect", kind


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something that other processes bring about."""
    for _ in range(1200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(what)


def free(folder: Path) -> bool:
    try:
        Journal(folder).close()
    except RequestError:
        return False
    return True


def said(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"it ended without saying {words!r}")


def test_a_site_is_cut_and_comes_back_and_everything_is_there_once(pair: Pair) -> None:
    with running(*collecting(pair.site, "--spool")) as site:
        said(site, "forwarding to")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as exporter:
            exporter.connect(("127.0.0.1", pair.flows))
            with running(*collecting(pair.centre, "--centre")) as centre:
                said(centre, "taking what sites forward")
                for number in range(3):
                    exporter.send(v5(number))
                until(lambda: pair.numbers() == [0, 1, 2], "what was sent before the cut")
                centre.kill()
            for number in range(3, 6):
                exporter.send(v5(number))
            until(lambda: backlog(pair.site).pending == 1, "it is kept while the line is cut")
            with running(*collecting(pair.centre, "--centre")):
                until(lambda: pair.numbers() == list(range(6)), "what was sent during the cut")
                until(lambda: backlog(pair.site).pending == 0, "the site knows it")
                site.kill()
                site.wait()
                until(lambda: free(pair.site.spool), "its receiver ends with it")
                with running(*collecting(pair.site, "--spool")) as again:
                    said(again, "forwarding to")
                    exporter.send(v5(6))
                    until(lambda: pair.numbers() == list(range(7)), "the next process goes on")
    with open_lake(pair.centre, create=False) as lake:
        assert lake.verify() == []
        assert {row["lost"] for row in lake.losses().to_pylist()} == {0}
    (state,) = collectors(pair.centre)
    assert (state.name, abs(state.ahead.total_seconds()) < 5) == ("th-plant", True)


def site_steps(pair: Pair, deadly: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD_SITE, str(pair.site.root), str(deadly)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_site_killed_at_every_step(pair: Pair) -> None:
    with running(CHILD_CENTRE, str(pair.centre.root), "0") as centre:
        assert centre.stdout is not None
        centre.stdout.readline()
        pair.spooled(("127.0.0.1", "127.0.0.1"))
        whole = site_steps(pair, 0)
        assert whole.returncode == 0, whole.stderr
        steps = int(whole.stdout)
        assert steps == 2
        sent = 2
        for deadly in range(1, steps + 1):
            pair.spooled(("127.0.0.1", "127.0.0.1"))
            assert site_steps(pair, deadly).returncode == -signal.SIGKILL
            assert site_steps(pair, 0).returncode == 0
            sent += 2
            until(lambda sent=sent: len(pair.numbers()) >= sent, f"killed at {deadly}")
            assert pair.numbers() == sorted([0, 1] * (sent // 2)), f"killed at step {deadly}"
    assert Spool(pair.site.spool).pending() == []


def test_the_centre_killed_at_every_step(pair: Pair) -> None:
    sent = 0
    for deadly in (1, 2):
        pair.spooled(("127.0.0.1", "127.0.0.1", "127.0.0.9"))
        sent += 2
        with running(CHILD_SITE, str(pair.site.root), "0") as site:
            with running(CHILD_CENTRE, str(pair.centre.root), str(deadly)) as centre:
                assert centre.wait(60) == -signal.SIGKILL
            with running(CHILD_CENTRE, str(pair.centre.root), "0") as centre:
                assert site.wait(60) == 0
                until(lambda sent=sent: len(pair.numbers()) >= sent, f"killed at {deadly}")
        assert pair.numbers() == sorted([0, 1] * (sent // 2)), f"killed at step {deadly}"
        assert not [one for path in pair.centre.received.glob("*/*") for one in sealed(path)]


def test_who_is_refused_keeps_what_it_has(pair: Pair) -> None:
    pair.spooled(("127.0.0.1",))
    with running(*collecting(pair.centre, "--centre")) as centre:
        said(centre, "taking what sites forward")
        own = pair.site.root / "tls"
        good = shutil.copytree(own, own.with_name("good"))
        other = trustme.CA()

        def site_says(words: str) -> None:
            with running(*collecting(pair.site, "--spool")) as site:
                said(site, words)
            assert pair.numbers() == []
            assert backlog(pair.site).pending == 1

        # One of another authority, one that has run out, one that nobody named.
        other.issue_cert("th-plant").cert_chain_pems[0].write_to_path(own / "own.pem")
        wrong = other.issue_cert("th-plant")
        wrong.cert_chain_pems[0].write_to_path(own / "own.pem")
        wrong.private_key_pem.write_to_path(own / "own.key")
        site_says("forwarding cut")
        pair.certify(pair.site, "th-plant", not_after=datetime(2020, 1, 1, tzinfo=UTC))
        site_says("forwarding cut")
        pair.certify(pair.site, "stranger")
        site_says("belongs to no collector")
        # Taken out of the settings while it runs, and put back.
        shutil.copytree(good, own, dirs_exist_ok=True)
        pair.write_centre("another")
        site_says("belongs to no collector")
        pair.write_centre("th-plant")
        with running(*collecting(pair.site, "--spool")):
            until(lambda: pair.numbers() == [0], "the right one is let in")
        assert centre.poll() is None


def test_records_of_another_sites_exporter_never_reach_the_lake(pair: Pair) -> None:
    pair.spooled(("127.0.0.1", "10.1.0.1", "127.0.0.1"), ("10.1.0.1",))
    with running(*collecting(pair.centre, "--centre")) as centre:
        said(centre, "taking what sites forward")
        with running(*collecting(pair.site, "--spool")) as site:
            said(site, "forwarding foreign")
            until(lambda: pair.numbers() == [0, 2], "its own records")
            until(lambda: backlog(pair.site).pending == 0, "all is acknowledged")
        said(centre, "forwarding foreign")
    (state,) = collectors(pair.centre)
    assert state.foreign == {"10.1.0.1": 2}
    with open_lake(pair.centre, create=False) as lake:
        assert {row["sensor"] for row in lake.hours().to_pylist()} == {"th-edge"}
    assert not list((pair.centre.received / "th-plant" / "live").iterdir())
