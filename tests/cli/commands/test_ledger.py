from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_a_changed_entry_is_found(company: Path, sekisho: Callable[..., Any]) -> None:
    listed = json.loads(sekisho("--workspace", company, "finding", "list", "-f", "json").out)
    finding = listed["findings"][0]["id"]
    sekisho("--workspace", company, "finding", "close", finding, "--why", "rebuilt")
    assert sekisho("--workspace", company, "ledger", "verify").status == 0
    file = next((company / "data").rglob("ledger*.jsonl"))
    text = file.read_text()
    assert "rebuilt" in text
    file.write_text(text.replace("rebuilt", "removed"))
    ran = sekisho("--workspace", company, "ledger", "verify", "-f", "json")
    assert ran.status == 5
    assert json.loads(ran.out)["whole"] is False


def test_long_entries_are_cut_on_a_screen_only(company: Path, sekisho: Callable[..., Any]) -> None:
    sekisho("--workspace", company, "audit")
    shown = sekisho("--workspace", company, "ledger", "show").out
    entries = json.loads(sekisho("--workspace", company, "ledger", "show", "-f", "json").out)["entries"]
    assert any(len(json.dumps(e["body"])) > 160 for e in entries)
    assert "..." in shown
    assert len(shown.splitlines()) < 60
