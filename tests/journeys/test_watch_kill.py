"""A watch that is killed, between any two things it does or at any moment: each alert is told once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.watch.conftest import Receiver, serving

from sekisho.app.watching.watch import watching
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace
from sekisho.state.state import State

NOW = datetime(2020, 6, 30, tzinfo=UTC)
DAY = 86_400
CHILD = """
import importlib, os, signal, sys
from sekisho.cli.main import main

place, when, root = sys.argv[1:]
module, kind, name = place.rsplit(".", 2)
owner = getattr(importlib.import_module(module), kind)
real = getattr(owner, name)
def deadly(*given, **options):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*given, **options)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, deadly)
sys.argv = ["sekisho", "--workspace", root, "watch", "--once", "--format", "none"]
main()
"""
WATCH = """
import sys
from sekisho.cli.main import main
sys.argv = ["sekisho", "--workspace", sys.argv[1], "watch", *sys.argv[2:], "--format", "none"]
sys.exit(main())
"""
SETTINGS = """
[watch]
metrics = ""
[watch.sinks.soar]
kind = "webhook"
url = "{url}"
"""


@pytest.fixture
def soar() -> Iterator[Receiver]:
    yield from serving(Receiver())


def fields(src: str, dst: str, port: int, when: datetime, size: int = 1000) -> str:
    """A record of Zeek's conn.log in JSON."""
    return json.dumps(
        {
            "ts": when.timestamp(),
            "uid": f"C{abs(hash((src, dst, port, when))):x}",
            "id.orig_h": src,
            "id.orig_p": 50_000,
            "id.resp_h": dst,
            "id.resp_p": port,
            "proto": "tcp",
            "duration": 1.0,
            "orig_bytes": size,
            "resp_bytes": 1000,
            "conn_state": "SF",
            "orig_pkts": 10,
            "orig_ip_bytes": size,
            "resp_pkts": 10,
            "resp_ip_bytes": 1000,
        }
    )


def begin(root: Path, url: str) -> None:
    """Three weeks of habits in the lake, a watch that begins after them, and then what is to be told."""
    (root / "sekisho.toml").write_text(SETTINGS.format(url=url))
    folder = root / "logs" / "th-edge"
    for old in (root / "logs").rglob("*.log"):
        old.unlink()
    nine = NOW.replace(hour=9)
    days = [nine - timedelta(days=n) for n in range(1, 22)]
    rows = [fields("10.40.2.10", "10.1.20.5", 8443, at) for at in days]
    (folder / "old.log").write_text("\n".join(rows) + "\n")
    workspace = Workspace(root)
    with watching(workspace, [], clock=lambda: NOW, by="aiko") as watch:
        watch.once()
    with open_lake(workspace) as lake:
        lake.refresh({})
    rows = [fields("10.40.2.10", "10.1.20.5", 8443, nine, 90_000_000)]
    rows += [fields("10.40.9.9", "10.1.10.96", 445, nine + timedelta(seconds=1))]
    (folder / "new.log").write_text("\n".join(rows) + "\n")


def told(soar: Receiver) -> dict[str, Any]:
    """What the receiver got, by its delivery; what came twice is the same."""
    found: dict[str, Any] = {}
    for _, _, body in soar.got:
        one = json.loads(body)
        assert found.setdefault(one["delivery"], one) == one
    return found


def complete(soar: Receiver, root: Path, sources: set[str]) -> None:
    """Start again, to the end: now each is told, and nothing waits."""
    words = [sys.executable, "-c", WATCH, str(root), "--once"]
    after = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert after.returncode == 0, after.stderr
    found = told(soar)
    found_of = {member["src"]["address"] for one in found.values() for member in one["members"]}
    assert found_of == sources
    behaviour = [one for one in found.values() if one["kind"] == "behaviour"]
    assert [one["labels"]["change"] for one in behaviour] == ["volume"]
    raised = [one["id"] for one in found.values() if one["change"] == "raised"]
    assert len(raised) == len({*raised}), "each was raised once"
    with State.open(Workspace(root).state) as state:
        assert state.alerts().unsent() == {}


@pytest.mark.parametrize(
    ("place", "when"),
    [
        ("sekisho.watch.observers.Observers.look", "before"),
        ("sekisho.watch.observers.Observers._tell", "after"),
        ("sekisho.state.alerts.AlertStore.taken", "before"),
    ],
)
def test_killed_at_a_step_each_alert_is_told_once(
    raw_company: Path, soar: Receiver, place: str, when: str
) -> None:
    begin(raw_company, soar.url)
    words = [sys.executable, "-c", CHILD, place, when, str(raw_company)]
    killed = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    complete(soar, raw_company, {"10.40.9.9"})


def test_killed_while_it_runs_and_started_again_each_alert_is_told_once(
    raw_company: Path, soar: Receiver
) -> None:
    begin(raw_company, soar.url)
    running = subprocess.Popen([sys.executable, "-c", WATCH, str(raw_company)])
    for _ in range(1200):
        if soar.got:
            break
        time.sleep(0.05)
    running.kill()
    assert running.wait(60) == -signal.SIGKILL
    assert soar.got, "it told nothing within a minute"
    later = fields("10.40.9.8", "10.1.10.96", 445, NOW.replace(hour=10))
    (raw_company / "logs" / "th-edge" / "newer.log").write_text(later + "\n")
    complete(soar, raw_company, {"10.40.9.9", "10.40.9.8"})
