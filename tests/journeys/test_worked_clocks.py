"""The worked example of the docs: its commands are run, its tables are what the clocks say."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "how-to" / "work-out-the-clocks.md"
MARK = "<!-- clocks -->"
SHOWN = ("late", "due_soon", "needs_decision", "running", "met")
_BLOCK = re.compile(r"```sh\n(.*?)```\n(?:\n<!-- clocks -->\n(?:\n(?:\|[^\n]*\n)+)?)?", re.DOTALL)


def table(document: dict[str, Any]) -> str:
    """What runs, is late or was delivered, as the page has it: by when it is due, then by name."""
    chosen = [one for one in document["clocks"] if one["state"] in SHOWN]
    chosen.sort(key=lambda one: (one["due"] is None, one["due"] or "", one["obligation"], one["stage"]))
    rows = [
        (
            f"`{one['obligation']}` {one['stage']}",
            one["state"].replace("_", " "),
            one["local"] or "without undue delay",
            "delivered" if one["delivered"] else ", ".join(f"`{name}`" for name in one["missing"]),
        )
        for one in chosen
    ]
    lines = [("Clock", "State", "Due there", "Decided by"), ("---",) * 4, *rows]
    return "".join(f"| {' | '.join(line)} |\n".replace("|  |", "| |") for line in lines)


def test_the_page_says_what_the_clocks_say(
    company: Path, sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    receipt = tmp_path / "receipt.pdf"
    receipt.write_bytes(b"%PDF-1.7 received")
    sekisho("--workspace", company, "investigate", "open", "--host", "th-app02", "--title", "Rayong")
    found: list[str] = []

    def run(block: re.Match[str]) -> str:
        said = ""
        for line in block[1].splitlines():
            words = [str(receipt) if word == "receipt.pdf" else word for word in shlex.split(line)[1:]]
            asks = words[1] == "clocks"
            done = sekisho("--workspace", company, *words, *(("--format", "json") if asks else ()))
            assert done.status == 0, f"{line}: {done.err}"
            said = table(json.loads(done.out)) if asks else ""
        found.append(said)
        return f"```sh\n{block[1]}```\n" + (f"\n{MARK}\n\n{said}" if said else "")

    text = PAGE.read_text(encoding="utf-8")
    made = _BLOCK.sub(run, text)
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PAGE.write_text(made, encoding="utf-8")
    assert len(found) == text.count("```sh") == 8
    assert PAGE.read_text(encoding="utf-8") == made
