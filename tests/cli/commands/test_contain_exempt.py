from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sekisho.app.decisions import open_decisions
from sekisho.app.workspace import Workspace

GATEWAYS = 'gateways: {th-gw: {platform: nftables, address: 10.40.0.1, links: ["th-plant <-> *"]}}\n'


def test_what_would_open_and_what_is_signed(
    raw_company: Path, sekisho: Callable[..., Any], now: Any
) -> None:
    (raw_company / "gateways.yaml").write_text(GATEWAYS)

    def run(*words: object) -> Any:
        return sekisho("--workspace", raw_company, "contain", *words)

    flow = ("exempt", "th-plant/* -> jp-hq/* : tcp/22", "--reason", "restore")
    assert run(*flow, "--until", "1h").status == 2
    run("plan", "--sever", "site:th-plant")
    with open_decisions(Workspace(raw_company)) as decisions:
        decisions.decide("plan.apply", {"plan": "P-1", "state": "applied"}, at=now, by="ken")
    shown = run(*flow, "--until", "1h")
    assert shown.status == 0
    assert "Nothing is open yet" in shown.out
    assert json.loads(run(*flow, "--until", "1h", "-f", "json").out)["state"] == "draft"
    assert run(*flow, "--until", "1h", "--message").out.startswith("sekisho plan X exempt ")
    assert "0 exemptions open" in run("exemptions").out
    assert run("exemptions", "--close", "X-1", "--why", "done").status == 2
