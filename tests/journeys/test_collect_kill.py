"""A collector killed between any two things it does: what its journal held counts once."""

from __future__ import annotations

import signal
import struct
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sekisho.app import workspace as workspaces
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.model.addresses import ip_address
from sekisho.sources.journal.framing import Kind
from sekisho.sources.journal.journal import Journal
from sekisho.sources.journal.segments import sealed

SITES = """
sites:
  jp-hq: {prefixes: [10.1.0.0/16]}
  th-plant: {prefixes: [10.40.0.0/16]}
sensors:
  one: {site: th-plant, kind: netflow, address: 10.40.0.1}
  two: {site: jp-hq, kind: netflow, address: 10.1.0.1}
"""
CHILD = """
import os, signal, sys, threading
from pathlib import Path
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.collecting.collector import Collector
from sekisho.app.workspace import Workspace

root, deadly = Path(sys.argv[1]), sys.argv[2]
def step(name):
    if name == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
stop = threading.Event()
settings = CollectSettings(flows="127.0.0.1:0", commit_seconds=0.1, refresh_minutes=0)
def tell(status):
    if not status.backlog and status.flows + deadly.count("none") * 1000:
        stop.set()
Collector(Workspace(root), settings, tell, steps=step).run(stop)
"""
START = 1_709_553_600
FIELDS = ((8, 4), (12, 4), (7, 2), (11, 2), (4, 1), (1, 4), (2, 4), (21, 4), (22, 4))


def v9(sequence: int, ports: list[int], *, template: bool = False) -> bytes:
    """A datagram with a flow from each port."""
    sets = b""
    if template:
        body = struct.pack("!HH", 256, len(FIELDS)) + b"".join(struct.pack("!HH", *f) for f in FIELDS)
        sets = struct.pack("!HH", 0, len(body) + 4) + body
    if ports:
        body = b"".join(
            struct.pack("!IIHHBIIII", 0x0A280905, 0x0A010005, port, 443, 6, 300, 3, 9000, 8000)
            for port in ports
        )
        body += bytes(-len(body) % 4)
        sets += struct.pack("!HH", 256, len(body) + 4) + body
    return struct.pack("!HHIIII", 9, 1, 10_000, START, sequence, 1) + sets


def filled(folder: Path) -> None:
    """Three segments; the first one's data has its template in the third."""
    journal = Journal(folder, segment_seconds=1e9)
    for number in range(3):
        for place, (sensor, template) in enumerate((("10.40.0.1", number == 2), ("10.1.0.1", True))):
            port = 1000 * (place + 1) + 10 * number
            payload = v9(number, [port, port + 1], template=template)
            arrival = (START + number) * 1_000_000 + place
            journal.append(Kind.DATAGRAM, ip_address(sensor), 5, arrival, payload)
        journal.seal()
    journal.close()


def run(root: Path, deadly: str) -> int:
    words = [sys.executable, "-c", CHILD, str(root), deadly]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120).returncode


@pytest.mark.parametrize(
    "deadly", ["decoded", "staged", "renamed", "recording", "recorded", "counts", "retired"]
)
def test_killed_nothing_is_lost_or_doubled(tmp_path: Path, deadly: str) -> None:
    root = workspaces.init(tmp_path / "acme").workspace.root
    (root / "sites.yaml").write_text(SITES)
    workspace = Workspace(root)
    filled(workspace.journal)
    assert run(root, deadly) == -signal.SIGKILL
    assert run(root, "none") == 0
    assert sealed(workspace.journal) == []
    with open_lake(workspace, create=False) as lake:
        assert lake.verify() == []
        found: Counter[tuple[str, int]] = Counter()
        for path in lake.counted():
            if path.startswith("flows/"):
                table = pq.read_table(lake.layout.absolute(path)).to_pydict()
                found.update(zip(table["sensor"], table["src_port"], strict=True))
        wanted = [("one", 1000), ("two", 2000)]
        assert found == Counter(
            (name, port + 10 * number + n)
            for name, port in wanted
            for number in range(3)
            for n in (0, 1)
        )
        assert {row["lost"] for row in lake.losses().to_pylist()} == {0}
        received = Counter[str]()
        for row in lake.losses().to_pylist():
            received[row["sensor"]] += row["received"]
        assert received == {"one": 3, "two": 3}
