from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def run(company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    sekisho("--workspace", company, "investigate", "open", "--host", "10.40.9.9")
    return lambda *words: sekisho("--workspace", company, "investigate", "inquiry", *words)


def test_every_site_is_asked_and_one_answers(run: Callable[..., Any], tmp_path: Path) -> None:
    assert run("1", "ask").status == 2, "there is no question yet"
    assert run("1", "start", "--question", "Did you?").status == 0
    assert "3 asked" in run("1", "ask", "--due", "2099-01-01").out
    sent = tmp_path / "answer.txt"
    sent.write_text("two servers")
    ran = run("1", "answer", "th-plant", "--result", "affected", "--file", sent, "--contact", "anong")
    assert "2 asked, 1 affected" in ran.out
    document = json.loads(run("INC-1", "status", "--format", "json").out)
    assert document["schema"] == "sekisho.inquiry/1"
    assert sum(document["states"].values()) == document["total"] == 3
    assert document["sites"][1]["answers"][0]["file"]["name"] == "answer.txt"
    assert run("1", "status", "-f", "csv").out.startswith("site,state,contact,due,due_local,answer\n")
    assert run("1", "answer", "mars", "--text", "x").status == 2
    assert run("9", "status").status == 2
