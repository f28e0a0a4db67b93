from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.app.containing.terminals import enrol

from sekisho.app.workspace import Workspace

GATEWAYS = 'gateways: {th-gw: {platform: nftables, address: 10.40.0.1, links: ["th-plant <-> *"]}}\n'


def test_who_is_asked_and_what_nobody_can_try(raw_company: Path, sekisho: Callable[..., Any]) -> None:
    (raw_company / "gateways.yaml").write_text(GATEWAYS)

    def run(*words: object) -> Any:
        return sekisho("--workspace", raw_company, "contain", *words)

    run("plan", "--sever", "link:th-plant <-> jp-hq")
    nobody = run("probe", "P-1")
    assert nobody.status == 0
    assert "no terminal of th-plant was heard in the last 15 minutes" in " ".join(nobody.out.split())
    enrol(Workspace(raw_company), datetime.now(UTC), edi="10.40.2.10")
    words = ("--service", "10.1.20.5:443", "--service", "10.40.5.5:443", "--wait", "0")
    asked = run("probe", "P-1", *words)
    assert asked.status == 0, asked.err
    assert "0 of 1 terminal answered. No gateway holds it yet." in " ".join(asked.out.split())
    assert all(len(line) <= 80 for line in asked.out.splitlines())
    assert run("probe", "P-1", *words).status == 4
    again = json.loads(run("probe", "P-1", "--collect", "--wait", "0", "-f", "json").out)
    assert (again["schema"], again["terminals"]) == ("sekisho.probe/1", 1)
    assert run("probe", "P-1", "--service", "10.1.20.5", "--wait", "0").status in (2, 4)
