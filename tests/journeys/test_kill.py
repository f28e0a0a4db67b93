"""Ingest killed at every step of its commits, and two of them at once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sekisho.app.audit import run_audit
from sekisho.app.ingest import ingest
from sekisho.app.wiring import open_lake
from sekisho.app.workspace import Workspace

NOW = datetime(2020, 6, 8, tzinfo=UTC)
CHILD = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sekisho.app.ingest import Ingest
from sekisho.app.wiring import read_inventory, traits_of
from sekisho.app.workspace import Workspace
from sekisho.store.lake import Lake

root, deadly = Path(sys.argv[1]), int(sys.argv[2])
told = 0
def step(name):
    global told
    told += 1
    if told == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
workspace = Workspace(root)
inventory = read_inventory(workspace)
(root / "data").mkdir(exist_ok=True)
with Lake.open(workspace.lake, create=True, steps=step) as lake:
    work = Ingest(lake, root, inventory.sensors, now=datetime(2020, 6, 8, tzinfo=UTC), commit_rows=1)
    work.run([root / "logs"])
    lake.refresh(traits_of(inventory))
print(told)
"""


def child(root: Path, deadly: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CHILD, str(root), str(deadly)],
        capture_output=True,
        text=True,
        check=False,
    )


def answer(root: Path) -> list[dict[str, Any]]:
    document = run_audit(Workspace(root), begin=None, end=None, now=NOW, by="test").document
    found: list[dict[str, Any]] = json.loads(document.model_dump_json(by_alias=True))["findings"]
    return found


def with_names(root: Path) -> Path:
    """The company with a log of names beside one of its logs of connections."""
    head = "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tid.resp_p\tquery\n"
    lines = [f"{1_591_000_000 + n * 100}\tC{n}\t10.40.3.3\t10.1.30.3\t53\tq{n}\n" for n in range(9)]
    (root / "logs" / "th-edge" / "dns.log").write_text(head + "".join(lines))
    return root


def test_killed_at_every_step_nothing_is_lost_or_doubled(raw_company: Path, tmp_path: Path) -> None:
    whole = with_names(Path(shutil.copytree(raw_company, tmp_path / "whole")))
    done = child(whole, 0)
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    assert steps >= 10
    expected = answer(whole)
    root = with_names(Path(shutil.copytree(raw_company, tmp_path / "killed")))
    for deadly in range(1, steps + 1):
        shutil.rmtree(root / "data", ignore_errors=True)
        killed = child(root, deadly)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        ingest(Workspace(root), [root / "logs"], sensor=None, reader=None, now=NOW)
        with open_lake(Workspace(root), create=False) as lake:
            assert lake.stats().flows == 306, f"killed at step {deadly}"
            found = lake.names([f"q{n}" for n in range(9)]).rows["value"].to_pylist()
            assert found == [f"q{n}" for n in range(9)], f"killed at step {deadly}"
            assert lake.verify() == []
            counted = {str(lake.layout.root / path) for path in lake.counted()}
            on_disk = {
                str(path)
                for folder in (lake.layout.flows, lake.layout.names)
                for path in folder.rglob("*.parquet")
            }
            assert on_disk <= counted, "what does not count was swept"
        assert answer(root) == expected, f"killed at step {deadly}"


def test_two_processes_take_turns(raw_company: Path) -> None:
    both = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(raw_company), "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [process.communicate()[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    with open_lake(Workspace(raw_company), create=False) as lake:
        assert lake.stats().flows == 306
