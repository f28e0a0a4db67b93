from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sekisho.cli.commands.fleet import State
from sekisho.model.terminals import STATES


@pytest.fixture
def ask(raw_company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *words: sekisho("--workspace", raw_company, "fleet", *words)


def test_states_that_may_be_chosen_are_those_there_are() -> None:
    assert tuple(State) == STATES


def test_terminals_are_imported_and_counted(ask: Callable[..., Any], tmp_path: Path) -> None:
    inventory = tmp_path / "inv.csv"
    inventory.write_text("hostname,address\npc1,10.1.1.1\nbad name,\npc2,10.40.1.1\n")
    ran = ask("import", inventory)
    assert ran.status == 3
    assert "inv.csv:3: hostname is no name" in ran.err
    ran = ask("status", "--format", "json")
    document = json.loads(ran.out)
    assert (ran.status, document["schema"], document["terminals"]) == (0, "sekisho.fleet/1", 2)
    assert sum(document["states"].values()) == 2
    assert len(document["states"]) == 9
    assert ask("import", inventory, "--columns", "nothing").status == 2


def test_a_person_decides(ask: Callable[..., Any], tmp_path: Path) -> None:
    inventory = tmp_path / "inv.csv"
    inventory.write_text("Device,IP\nplc1,10.40.1.1\n")
    assert ask("import", inventory, "--columns", "hostname=Device").status == 0
    assert ask("exclude", "plc1", "--why", "runs", "--until", "30d").status == 0
    assert "excluded" in ask("show", "plc1").out
    assert ask("exclude", "plc1", "--why", "stands", "--withdraw").status == 0
    photo = tmp_path / "photo"
    photo.write_bytes(b"x")
    assert ask("checked", "plc1", "--why", "seen", "--evidence", photo).status == 0
    listed = ask("status", "--state", "checked_manually", "-f", "csv")
    assert "plc1" in listed.out
    assert "checked" in ask("report").out
    assert ask("campaign", "march", "--why", "x", "--check", "nothing").status == 2
    assert ask("campaign", "march", "--why", "x", "--check", "services").status == 0
    pack = json.loads(ask("checks", "-f", "json").out)
    assert pack["queries"]["services"]["snapshot"] is True
    assert ask("rebuilt", "plc1", "--why", "new disk").status == 0
    assert ask("show", "nobody").status == 2
