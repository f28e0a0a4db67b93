from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.collecting.centre import Centre
from sekisho.app.coverage import coverage
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace, init
from sekisho.errors import RequestError
from sekisho.sources.forwarding.certificates import authority, issue
from sekisho.sources.forwarding.received import DATABASE, Received
from sekisho.sources.forwarding.receiver import Receiver
from sekisho.sources.forwarding.told import refused
from sekisho.sources.forwarding.wire import DroppedSpan, Hello
from sekisho.sources.journal.segments import sealed

SITES = """
sites:
  jp: {prefixes: [10.1.0.0/16]}
  th: {prefixes: [10.2.0.0/16]}
sensors:
  jp-edge: {site: jp, kind: netflow, address: 10.0.0.1}
  th-edge: {site: th, kind: netflow, address: 10.0.0.1}
"""
COLLECTORS = "".join(
    f'[collect.centre.collectors.{name}]\ncertificates = ["{name}"]\n' for name in ("jp", "th")
)
FILES = 'ca = "ca.pem"\ncertificate = "centre.pem"\nkey = "centre.key"\nlisten = "127.0.0.1:0"\n'


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = init(tmp_path).workspace
    (tmp_path / "sites.yaml").write_text(SITES)
    (tmp_path / "sekisho.toml").write_text(f"[collect.centre]\n{FILES}{COLLECTORS}")
    authority(tmp_path, now=datetime.now(UTC))
    issue(tmp_path, "centre", [], now=datetime.now(UTC), lasts=timedelta(days=1))
    return made


def centre(workspace: Workspace) -> Centre:
    return Centre(workspace, workspace.settings(os.environ).settings.collect)


def arrived(workspace: Workspace, journal: Callable[..., Path], exporter: Any, *names: str) -> None:
    for name in names:
        device = exporter("10.0.0.1")
        folder = workspace.received / name / "live"
        folder.mkdir(parents=True, exist_ok=True)
        for segment in sealed(journal([[(device.address, 1, device.v5(2))]])):
            segment.path.rename(folder / segment.path.name)


def flows(workspace: Workspace) -> dict[str, int]:
    with open_lake(workspace) as lake:
        return {row["sensor"]: row["flows"] for row in lake.hours().to_pylist()}


def test_one_address_at_two_sites_is_two_sensors(
    workspace: Workspace, journal: Callable[..., Path], exporter: Any
) -> None:
    arrived(workspace, journal, exporter, "jp", "th")
    arrived(workspace, journal, exporter, "th")
    stop = threading.Event()
    centre(workspace).run(stop, lambda _port: stop.set())
    assert flows(workspace) == {"jp-edge": 2, "th-edge": 4}
    assert not list(workspace.received.glob("*/live/*"))


def test_settings_that_break_hold_up_nothing_for_good(
    workspace: Workspace, journal: Callable[..., Path], exporter: Any
) -> None:
    work = centre(workspace)
    received = Received(workspace.received)
    good = workspace.settings_file.read_text()
    with open_lake(workspace) as lake:
        arrived(workspace, journal, exporter, "jp")
        workspace.settings_file.write_text("[")
        work.turn(lake, received)
        assert len(list(workspace.received.glob("*/live/*"))) == 1
        workspace.settings_file.write_text(good)
        work.turn(lake, received)
        assert not list(workspace.received.glob("*/live/*"))
    received.close()
    assert flows(workspace) == {"jp-edge": 2}


def test_what_is_missing_is_named(workspace: Workspace) -> None:
    workspace.settings_file.write_text(COLLECTORS)
    with pytest.raises(RequestError, match=r"collect\.centre\.ca is not set"):
        centre(workspace).run(threading.Event(), lambda _port: None)


def test_a_count_that_cannot_be_kept_ends_nothing(workspace: Workspace) -> None:
    received = Received(workspace.received)
    receiver = Receiver(
        received, dict, now=lambda: datetime.now(UTC), tell=lambda *_a, **_b: None, limit=1
    )
    receiver._rates.refused("jp")
    received._db.execute("PRAGMA busy_timeout = 0")
    work = centre(workspace)
    with closing(sqlite3.connect(received.root / DATABASE)) as other:
        other.execute("BEGIN IMMEDIATE")
        work._settle(receiver)
        assert refused(workspace.received) == {}
    work._settle(receiver)
    received.close()
    assert refused(workspace.received) == {"jp": 1}


def test_what_a_site_dropped_is_no_data_there_with_its_reason(
    workspace: Workspace, journal: Callable[..., Path], exporter: Any, noon: datetime
) -> None:
    def span(hours: int) -> DroppedSpan:
        end = noon - timedelta(hours=8 - hours)
        begin = noon - timedelta(hours=8)
        return DroppedSpan(id="a" * 32, begin=begin, end=end, segments=1, size=1, why="age")

    work = centre(workspace)
    received = Received(workspace.received)
    with open_lake(workspace) as lake:
        for hours in (1, 3):
            received.heard("jp", Hello(now=noon, dropped=(span(hours),)), timedelta(0), noon)
            work.turn(lake, received)
        arrived(workspace, journal, exporter, "jp", "th")
        work.turn(lake, received)
    received.close()
    document = coverage(
        workspace, begin=noon - timedelta(hours=12), end=noon + timedelta(hours=1), now=noon
    )
    told = [
        (item.sensor, item.begin, item.end)
        for item in document.coverage
        if "at the site" in (item.why or "")
    ]
    assert told == [("jp-edge", noon - timedelta(hours=8), noon - timedelta(hours=4))]
