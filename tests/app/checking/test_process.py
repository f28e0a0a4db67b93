from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sekisho.app.checking.beside import NAME
from sekisho.app.workspace import Workspace


def run(root: Path, role: str) -> subprocess.CompletedProcess[str]:
    orders = json.dumps({"root": str(root), "role": role, "port": 0}) + "\n"
    return subprocess.run(
        [sys.executable, "-m", NAME],
        input=orders,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_judges_until_its_parent_is_gone(workspace: Workspace) -> None:
    done = run(workspace.root, "judge")
    assert (done.returncode, done.stderr) == (0, "")
    assert (workspace.lake / "VERSION").is_file()


def test_what_it_cannot_do_is_told_and_is_its_exit_status(workspace: Workspace) -> None:
    done = run(workspace.root, "serve")
    assert done.returncode == 2
    assert "no certificate" in done.stderr
