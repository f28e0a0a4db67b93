from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GATEWAYS = 'gateways: {th-gw: {platform: nftables, address: 10.40.0.1, links: ["th-plant <-> *"]}}\n'


@pytest.fixture
def run(raw_company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    (raw_company / "gateways.yaml").write_text(GATEWAYS)
    return lambda *words: sekisho("--workspace", raw_company, "contain", *words)


def test_a_plan_from_drafting_to_text(run: Callable[..., Any], tmp_path: Path) -> None:
    words = ("--sever", "link:th-plant <-> jp-hq", "--allow", "TH-HQ-EDI", "--reason", "now")
    drafted = run("plan", *words, "--existing", "drain", "--existing", "jp-hq/db=drop", "-f", "json")
    document = json.loads(drafted.out)
    assert (document["schema"], document["id"], document["state"]) == ("sekisho.plan/1", "P-1", "draft")
    assert (document["existing"], document["existing_at"]) == ("drain", {"jp-hq/db": "drop"})
    assert [one["name"] for one in document["kept"]] == ["TH-HQ-EDI"]
    shown = run("show", "1")
    assert "severs link:th-plant <-> jp-hq at 1 gateway" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert "P-1" in run("list").out
    rendered = run("render", "p-1", "--out", tmp_path / "out")
    assert rendered.status == 0
    assert "10.40.2.10 . 10.1.20.0/28 . 6 . 8443" in (tmp_path / "out" / "th-gw.nft").read_text()


def test_what_is_refused_ends_with_4(run: Callable[..., Any]) -> None:
    ran = run("plan", "--sever", "host:10.40.0.1")
    assert ran.status == 4
    assert "cut off the gateway th-gw itself" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ("plan", "--sever", "mars"),
        ("plan", "--sever", "all", "--existing", "gently"),
        ("show", "1"),
        ("render", "1", "--out", "x"),
    ],
)
def test_what_is_wrong_ends_with_2(run: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert run(*words).status == 2


def test_a_plan_that_cuts_nothing_anywhere_writes_nothing(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    run("plan", "--sever", "link:us-plant <-> jp-hq")
    ran = run("render", "1", "--out", tmp_path / "out")
    assert "nothing to write" in ran.err


def test_an_approval_by_a_key(run: Callable[..., Any], raw_company: Path, tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "k"], check=True)
    key = (tmp_path / "k.pub").read_text().strip()
    with (raw_company / "sekisho.toml").open("a") as settings:
        settings.write(f'[people.aiko]\nkeys = ["{key}"]\nroles = ["approver"]\n')
    run("plan", "--sever", "site:th-plant")
    assert run("approve", "1", "--message").status == 4
    seen = run("preview", "1", "--format", "json")
    assert json.loads(seen.out)["schema"] == "sekisho.preview/1"
    message = run("approve", "1", "--message").out
    assert message.startswith("sekisho plan P-1 apply ")
    (tmp_path / "m").write_text(message)
    command = ["ssh-keygen", "-q", "-Y", "sign", "-n", "sekisho", "-f", tmp_path / "k", tmp_path / "m"]
    subprocess.run(command, check=True)
    assert run("approve", "1").status == 2
    done = run("approve", "1", "--signature", tmp_path / "m.sig")
    assert done.out == "P-1: aiko approves to apply; it is approved\n"
    assert run("approve", "1", "--key", tmp_path / "k").status == 2


def test_a_runbook_for_who_changes_it_by_hand(run: Callable[..., Any], tmp_path: Path) -> None:
    run("plan", "--sever", "site:th-plant")
    ran = run("runbook", "1", "--out", tmp_path / "out")
    assert ran.status == 0
    assert ran.out.strip().endswith("th-gw/RUNBOOK.md")
