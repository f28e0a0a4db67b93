from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sekisho.app.watching.watch import watching
from sekisho.app.workspace import Workspace

Run = Callable[..., Any]


@pytest.fixture
def here(raw_company: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    now = datetime.now(UTC)
    with watching(Workspace(raw_company), (), clock=lambda: now, by="aiko") as watch:
        watch.turn()
    monkeypatch.chdir(raw_company)
    return raw_company


def ids(sekisho: Run, *words: str) -> list[str]:
    found = sekisho("alert", "list", "--format", "json", *words)
    assert found.status == 0
    return [one["id"] for one in json.loads(found.out)["alerts"]]


def test_alerts_are_worked_through(here: Path, sekisho: Run) -> None:
    first, second, *_ = ids(sekisho)
    assert sekisho("alert", "ack", first, "--why", "ours").out == f"{first}: acknowledged\n"
    assert sekisho("alert", "snooze", second, "--until", "2h", "--why", "later").out.endswith(
        "snoozed\n"
    )
    assert len(ids(sekisho)) == 3
    assert len(ids(sekisho, "--all")) == 5
    shown = sekisho("alert", "show", first).out
    assert "acknowledgement by aiko: ours" in shown
    assert "aiko: acknowledge" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert sekisho("alert", "reopen", first, "--why", "not ours").out == f"{first}: open\n"
    assert sekisho("alert", "ack", "A-nothing", "--why", "x").status == 2


def test_the_list_fits_and_says_what_it_leaves_out(here: Path, sekisho: Run) -> None:
    sekisho("alert", "ack", ids(sekisho)[0], "--why", "ours")
    text = sekisho("alert", "list").out
    assert "4 alerts." in text
    assert "1 more are answered" in text
    assert max(map(len, text.splitlines())) <= 80
    lines = sekisho("alert", "list", "--format", "jsonl").out.splitlines()
    assert {json.loads(line)["record"] for line in lines} == {"alert"}


def test_maintenance_windows(here: Path, sekisho: Run) -> None:
    made = sekisho(
        "alert", "maintenance", "set", "--link", "th-plant <-> jp-hq", "--until", "8h", "--why", "x"
    )
    assert (made.status, "link th-plant <-> jp-hq" in made.out) == (0, True)
    assert sekisho("alert", "maintenance", "set", "--until", "8h", "--why", "x").status == 2
    document = json.loads(sekisho("alert", "maintenance", "list", "--format", "json").out)
    (window,) = document["windows"]
    assert (window["name"], window["state"], window["links"]) == ("M-1", "now", ["th-plant <-> jp-hq"])
    assert sekisho("alert", "maintenance", "end", "M-1").out == "M-1: over\n"
    assert "over" in sekisho("alert", "maintenance", "list").out
