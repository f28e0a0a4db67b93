"""A whole collector on the loopback: received, committed, stopped, restarted, refused."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from sekisho.app import workspace as workspaces
from sekisho.app.collecting import collector
from sekisho.app.collecting.collector import Collector
from sekisho.app.collecting.intake import Intake
from sekisho.app.collecting.status import CollectStatus
from sekisho.app.settings.collect import CollectSettings
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.errors import IntegrityError, RequestError

SITES = """
sites:
  jp-hq: {prefixes: [10.1.0.0/16]}
  th-plant: {prefixes: [10.40.0.0/16]}
sensors:
  edge: {site: th-plant, kind: netflow, address: 127.0.0.1}
"""
SETTINGS = CollectSettings(
    flows="127.0.0.1:0", syslog_udp="127.0.0.1:0", commit_seconds=0.1, refresh_minutes=0
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """With one sensor, this host."""
    made = workspaces.init(tmp_path / "acme").workspace
    (made.root / "sites.yaml").write_text(SITES)
    return made


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests need not wait a second for each status."""
    monkeypatch.setattr(collector, "TELL", 0.05)


class Running:
    """A collector in a thread, and what it told last."""

    def __init__(self, workspace: Workspace, settings: CollectSettings) -> None:
        self.told: list[CollectStatus] = []
        self.stop = threading.Event()
        self.collector = Collector(workspace, settings, self.told.append)
        self.thread = threading.Thread(target=self.collector.run, args=(self.stop,))
        self.thread.start()

    def until(self, reached: Callable[[CollectStatus], bool]) -> CollectStatus:
        for _ in range(3000):
            if self.told and reached(self.told[-1]):
                return self.told[-1]
            assert self.thread.is_alive(), self.told[-1:]
            time.sleep(0.01)
        raise AssertionError(f"it did not come so far: {self.told[-1:]}")

    def send(self, payload: bytes, place: int = 0) -> None:
        status = self.until(lambda status: len(status.listeners) > place)
        port = int(status.listeners[place].name.rpartition(":")[2])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(payload, ("127.0.0.1", port))

    def end(self) -> CollectStatus:
        self.stop.set()
        self.thread.join(60)
        assert not self.thread.is_alive()
        return self.told[-1]


@contextmanager
def collecting(workspace: Workspace, settings: CollectSettings = SETTINGS) -> Iterator[Running]:
    """A running collector, stopped at the end."""
    running = Running(workspace, settings)
    try:
        yield running
    finally:
        running.end()


def flows(workspace: Workspace) -> int:
    with open_lake(workspace, create=False) as lake:
        return lake.stats().flows


def test_received_committed_and_stopped_in_good_order(workspace: Workspace, exporter: Any) -> None:
    device = exporter("127.0.0.1")
    with collecting(workspace) as running:
        running.send(device.v5(3))
        running.until(lambda status: status.flows == 3)
        assert flows(workspace) == 3
        running.send(device.v5(2, lose=5))
        running.send(b"<13>who knows", place=1)
        status = running.end()
    assert (status.state, status.flows, status.lost, status.rejected) == ("stopped", 5, 5, 1)
    assert (status.backlog, status.trouble) == (0, ()), "what came before it stopped was committed"
    assert flows(workspace) == 5
    with open_lake(workspace) as lake:
        assert [(row["sensor"], row["lost"]) for row in lake.losses().to_pylist()] == [("edge", 5)]


def test_a_second_one_is_refused(workspace: Workspace) -> None:
    with collecting(workspace) as running:
        running.until(lambda status: bool(status.listeners))
        with pytest.raises(RequestError, match="another collector runs"):
            Collector(workspace, SETTINGS, lambda _: None).run(threading.Event())


def test_another_writer_delays_it_and_costs_nothing(
    workspace: Workspace, exporter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "PATIENCE", 0.05)
    device = exporter("127.0.0.1")
    with collecting(workspace) as running:
        running.until(lambda status: bool(status.listeners))
        with open_lake(workspace) as lake, lake.writer():
            running.send(device.v5(3))
            status = running.until(lambda status: bool(status.trouble))
            assert "another process" in status.trouble[0]
            assert status.flows == 0
        running.until(lambda status: status.flows == 3 and not status.trouble)


def test_a_receiver_that_died_is_started_again(
    workspace: Workspace, exporter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "LOOK", 0.2)
    device = exporter("127.0.0.1")
    with collecting(workspace) as running:
        running.send(device.v5(3))
        before = running.until(lambda status: status.flows == 3).listeners
        names = [one.name for one in before]
        receiver = running.collector._receiver
        assert receiver is not None
        assert receiver.pid is not None
        os.kill(receiver.pid, signal.SIGKILL)
        running.until(
            lambda status: (
                status.receiver_restarts == 1
                and [one.name for one in status.listeners] != names
                and not status.trouble
            )
        )
        running.send(device.v5(4))
        running.until(lambda status: status.flows == 7)


def test_the_register_is_read_again_when_it_changed(
    workspace: Workspace, exporter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "LOOK", 0.05)
    device, sites = exporter("127.0.0.1"), workspace.root / "sites.yaml"
    sites.write_text(SITES.replace("127.0.0.1", "127.0.0.9"))
    with collecting(workspace) as running:
        running.send(device.v5(3))
        running.until(lambda status: status.strangers == {"127.0.0.1": 1})
        sites.write_text("sites: [")
        status = running.until(lambda status: bool(status.trouble))
        assert "the register as it was is used still" in status.trouble[0]
        before = status.listeners
        sites.write_text(SITES)
        running.until(lambda status: not status.trouble and status.listeners != before)
        running.send(device.v5(2))
        running.until(lambda status: status.flows == 2)


def test_nobody_may_send(workspace: Workspace) -> None:
    (workspace.root / "sites.yaml").write_text("sites: {}\n")
    with pytest.raises(RequestError, match="address"):
        Collector(workspace, SETTINGS, lambda _: None).run(threading.Event())


def test_a_segment_that_brings_a_fault_to_light_is_set_aside_and_named(
    workspace: Workspace, exporter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, decode = exporter("127.0.0.1"), Intake.segment

    def faulty(self: Intake, serial: int, blocks: Any, now: Any) -> Any:
        taken = decode(self, serial, blocks, now)
        if taken.records and any(table.num_rows == 13 for table in taken.flows):
            raise KeyError("a fault")
        return taken

    monkeypatch.setattr(Intake, "segment", faulty)
    with collecting(workspace) as running:
        running.send(device.v5(13))
        status = running.until(lambda status: any("set aside" in one for one in status.trouble))
        assert status.flows == 0
        running.send(device.v5(2))
        running.until(lambda status: status.flows == 2)
    aside = [path.name for path in workspace.journal.glob("*.damaged")]
    assert len(aside) == 1
    assert aside[0] in running.told[-1].trouble[0], "as long as this collector runs"
    with open_lake(workspace) as lake:
        assert [row["lost"] for row in lake.losses().to_pylist()] == [0]


def test_streams_that_are_damaged_end_it(workspace: Workspace) -> None:
    with open_lake(workspace) as lake:
        manifest = lake.layout.manifest
    with closing(sqlite3.connect(manifest)) as connection, connection:
        connection.execute("INSERT INTO stream VALUES ('10.0.0.1', 9, 1, '{}')")
    with pytest.raises(IntegrityError, match="streams is damaged"):
        Collector(workspace, SETTINGS, lambda _: None).run(threading.Event())
