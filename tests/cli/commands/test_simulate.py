from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sekisho.app.simulate import NAMES
from sekisho.cli.commands.simulate import Scenario


def test_a_workspace_with_logs_and_truth(sekisho: Callable[..., Any], tmp_path: Path) -> None:
    out = tmp_path / "quiet"
    ran = sekisho("simulate", "quiet", "--out", out, "--seed", 3, "-f", "json")
    assert ran.status == 0
    document = json.loads(ran.out)
    files = [path for path in (out / "logs").rglob("*") if path.is_file()]
    assert document["files"] == len(files)
    assert (out / "truth").is_dir()
    assert sekisho("--workspace", out, "policy", "lint").status == 0
    assert sekisho("simulate", "quiet", "--out", out).status == 2, "nothing is overwritten"
    assert sekisho("simulate", "no-such", "--out", tmp_path / "x").status == 2


def test_every_scenario_can_be_asked_for() -> None:
    assert [one.value for one in Scenario] == list(NAMES)
