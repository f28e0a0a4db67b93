from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def ask(raw_company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *words: sekisho("--workspace", raw_company, "fleet", "campaign", *words)


def test_a_campaign_is_begun_turned_and_shown(ask: Callable[..., Any], tmp_path: Path) -> None:
    sql = tmp_path / "boot.sql"
    sql.write_text("SELECT * FROM uptime\n")
    words = ["--query", "up=SELECT 1=1", "--query-file", sql, "--ramp", "5,100", "--until", "30d"]
    assert ask("new", "march", "--why", "INC-3", "--check", "rdp", *words).status == 0
    assert ask("pause", "march", "--why", "lunch").status == 0
    found = json.loads(ask("show", "march", "-f", "json").out)
    assert found["schema"] == "sekisho.campaign/1"
    assert (found["campaign"]["state"], found["campaign"]["queries"]) == ("paused", ["boot", "up"])
    assert [s["share"] for s in found["campaign"]["stages"]] == [0.05, 1.0]
    assert ask("resume", "march", "--why", "eaten").status == 0
    assert ask("widen", "march", "--why", "small").status == 0
    none = ask("scope", "march", "--why", "it grew")
    assert (none.status, "was begun for no incident" in none.err) == (2, True)
    assert ask("end", "march", "--why", "enough").status == 0
    assert "ended" in ask("list").out
    assert ask("pause", "march", "--why", "late").status == 2


def test_a_name_alone_begins_one(ask: Callable[..., Any]) -> None:
    assert ask("march", "--why", "INC-3").status == 0
    assert ask("--why", "INC-3", "april").status == 0
    listed = json.loads(ask("list", "-f", "json").out)
    assert [c["name"] for c in listed["campaigns"]] == ["april", "march"]
    assert "pause" in ask("--help").out


@pytest.mark.parametrize(
    "words",
    [
        ("--query", "SELECT 1"),
        ("--query-file", "/nowhere.sql"),
        ("--query", "up=SELECT 1", "--platform", "up"),
        ("--query", "up=SELECT 1", "--platform", "up=beos"),
        ("--query-file", "/nowhere.json"),
        ("--ramp", "a,b"),
        ("--ramp", "50"),
        ("--max-failed", "200"),
        ("--until", "yesterday"),
    ],
)
def test_what_is_wrong_is_told(ask: Callable[..., Any], words: tuple[str, ...]) -> None:
    assert ask("new", "march", "--why", "INC-3", *words).status == 2


def test_a_pack_of_osquery_brings_its_queries(ask: Callable[..., Any], tmp_path: Path) -> None:
    pack = tmp_path / "own.json"
    pack.write_text('{"queries": {"Cron": {"query": "SELECT 1 FROM crontab", "platform": "linux"}}}')
    words = ["--query", "up=SELECT 1", "--platform", "up=windows", "--query-file", pack]
    assert ask("new", "march", "--why", "INC-3", *words).status == 0
    found = json.loads(ask("show", "march", "-f", "json").out)
    assert found["campaign"]["queries"] == ["cron", "up"]
