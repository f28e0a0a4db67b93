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


def test_each_verb_says_what_it_may_not(run: Callable[..., Any]) -> None:
    run("plan", "--sever", "site:th-plant")
    assert run("apply", "1").status == 4
    run("preview", "1")
    assert "not approved" in run("apply", "1").err
    for verb in ("confirm", "rollback", "lift"):
        assert run(verb, "1").status == 4
    assert run("elsewhere", "1", "--gateway", "x", "--why", "y").status == 2


def test_what_is_only_written_is_what_may_be_applied(
    run: Callable[..., Any], raw_company: Path, tmp_path: Path
) -> None:
    run("plan", "--sever", "site:th-plant")
    run("preview", "1")
    out = tmp_path / "hand-over"
    assert "not approved" in run("apply", "1", "--render-only", out).err
    assert run("apply", "1", "--render-only", out, "--break-glass", "now").status == 2
    assert not out.exists()
    key = tmp_path / "aiko"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = key.with_suffix(".pub").read_text().strip()
    (raw_company / "sekisho.toml").write_text(
        f'[people.aiko]\nkeys = ["{public}"]\nroles = ["approver"]\n'
    )
    assert run("approve", "1", "--key", key).status == 0
    told = run("apply", "1", "--render-only", out)
    assert told.status == 0
    assert [Path(line).parent.name for line in told.out.splitlines()] == ["th-gw"]
    assert json.loads(run("show", "1", "-f", "json").out)["state"] == "approved"
    with (raw_company / "gateways.yaml").open("a") as gateways:
        gateways.write("# changed\n")
    for verb in (("apply", "1", "--render-only", out), ("runbook", "1", "--out", out)):
        refused = run(*verb)
        assert (refused.status, "contain preview P-1" in refused.err) == (4, True)


def test_a_gateway_that_was_not_told_ends_with_3(run: Callable[..., Any]) -> None:
    run("plan", "--sever", "site:th-plant")
    run("preview", "1")
    told = run("apply", "1", "--break-glass", "they are in", "--format", "json")
    assert (told.status, json.loads(told.out)["state"]) == (3, "failed")
    asked = run("status")
    assert asked.status == 3
    assert "not known" in asked.out
    assert json.loads(run("status", "-f", "json").out)["schema"] == "sekisho.gateways/1"


def test_what_is_not_in_force_is_not_contained(run: Callable[..., Any]) -> None:
    run("plan", "--sever", "site:th-plant")
    told = run("verify", "1")
    assert told.status == 3
    assert "P-1 is NOT contained: nothing was looked for." in " ".join(told.out.split())
    document = json.loads(run("verify", "1", "-f", "json").out)
    assert (document["schema"], document["contained"]) == ("sekisho.containment/1", "no")
    assert run("verify", "9").status == 2
