from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def fleet(raw_company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *words: sekisho("--workspace", raw_company, "fleet", *words)


def test_packs_are_listed_shown_and_asked(fleet: Callable[..., Any]) -> None:
    assert "foreign-server" in fleet("packs").out
    shown = fleet("packs", "foreign-server")
    assert "SMB and WMI" in shown.out
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    found = fleet(
        "campaign", "new", "c", "--why", "INC-1", "--pack", "foreign-server", "--check", "rdp"
    )
    assert found.status == 0
    assert "yara is left out: set fleet.yara" in found.err
    assert "osquery cannot be asked log-cleared" in found.err
    asked = json.loads(fleet("status", "-f", "json").out)["campaign"]["checks"]
    pack = json.loads(fleet("packs", "foreign-server", "-f", "json").out)["packs"][0]
    assert asked == [s["check"] for s in pack["steps"] if s["ready"]]
    assert fleet("campaign", "new", "d", "--why", "INC-1", "--pack", "nothing").status == 2
