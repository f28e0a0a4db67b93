from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.containing.planning import plan
from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace
from sekisho.model.restrictions import Restriction

GATEWAYS = """\
gateways:
  th-gw: {platform: nftables, address: 10.40.0.1, deliver: render, links: ["th-plant <-> *"]}
"""


@pytest.fixture
def cut(company: Path) -> Path:
    """A plant that the carrier cut off just now."""
    (company / "gateways.yaml").write_text(GATEWAYS)
    workspace, now = Workspace(company), datetime.now(UTC)
    plan(workspace, Restriction(("site:th-plant",)), now=now, by="aiko")
    with open_decisions(workspace) as decisions:
        body = {"plan": "P-1", "state": "applied_elsewhere"}
        decisions.decide("plan.elsewhere", body, at=now, by="ken")
    return company


def test_a_restoration_from_the_command_line(
    cut: Path, sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    def run(*words: object) -> Any:
        return sekisho("--workspace", cut, *words)

    empty = run("restore", "status")
    assert (empty.status, "nothing is to be given back" in empty.out) == (0, True)
    planned = run("restore", "plan", "P-1", "--stage", "link:th-plant <-> jp-hq", "--reason", "calm")
    assert planned.status == 0, planned.err
    assert "stage 1 is closed, kept by quiet, fleet" in " ".join(planned.out.split())
    assert all(len(line) <= 80 for line in planned.out.splitlines())
    shown = json.loads(run("restore", "status", "R-1", "--format", "json").out)
    assert shown["schema"] == "sekisho.restoration/1"
    assert [stage["state"] for stage in shown["stages"]] == ["closed", "waiting"]
    page = tmp_path / "r.html"
    assert run("restore", "status", "1", "--format", "html", "--output", page).status == 0
    assert "calm" in page.read_text()
    assert (
        json.loads(run("restore", "status", "--format", "json").out)["restorations"][0]["id"] == "R-1"
    )
    lifted = run("restore", "lift", "1")
    assert lifted.status == 4
    assert "the gate fleet is unknown: not known: no fleet" in " ".join(lifted.err.split())
    message = run("restore", "approve", "1", "--message")
    assert message.out.startswith("sekisho plan R-1-1 lift ")
    assert run("restore", "approve", "1").status == 2
    assert run("restore", "status", "9").status == 2


def test_an_owner_recertifies(cut: Path, sekisho: Callable[..., Any]) -> None:
    done = sekisho(
        "--workspace", cut, "policy", "recertify", "TH-HQ-EDI", "--site", "th-plant", "--by", "it-th"
    )
    assert (done.status, done.out) == (0, "TH-HQ-EDI: recertified at th-plant by it-th\n")
    wrong = sekisho(
        "--workspace", cut, "policy", "recertify", "TH-HQ-EDI", "--site", "jp-hq", "--by", "it-th"
    )
    assert (wrong.status, "that is it-jp" in wrong.err) == (2, True)
