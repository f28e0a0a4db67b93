"""Every command that the documentation shows exists, and the tutorial runs as it is written."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from sekisho.cli.main import app

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    ROOT / "README.md",
    *sorted(page for page in (ROOT / "docs").rglob("*.md") if "reference" not in page.parts),
]


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each command line in the page's shell blocks and units of systemd."""
    text = page.read_text(encoding="utf-8")
    yield from map(shlex.split, re.findall(r"^ExecStart=(.+)$", text, re.MULTILINE))
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|\|\|", line):
                words = shlex.split(part, comments=True)
                while words and "=" in words[0]:
                    words = words[1:]
                if words:
                    yield words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_shown_exists(page: Path) -> None:
    for words in commands(page):
        if Path(words[0]).name != "sekisho":
            continue
        command: Any = get_command(app)
        known = {option for one in command.params for option in one.opts}
        verb = ""
        for word in words[1:]:
            if word in getattr(command, "commands", {}):
                command, verb = command.commands[word], word
                known |= {option for one in command.params for option in one.opts}
            elif word.startswith("-"):
                assert word in known, f"{page.name}: {shlex.join(words)}"
        assert verb or all(word.startswith("-") for word in words[1:]), shlex.join(words)


@pytest.mark.parametrize(
    ("page", "rooms"),
    [("paths", ("factors", "relays", "spreading.py", "entry.py")), ("leaving", ("leaving",))],
)
def test_every_factor_is_in_the_table_of_its_page(page: str, rooms: tuple[str, ...]) -> None:
    told = (ROOT / "docs" / "reference" / f"{page}.md").read_text(encoding="utf-8")
    places = [ROOT / "src" / "sekisho" / "investigate" / room for room in rooms]
    files = [file for place in places for file in (place.glob("*.py") if place.is_dir() else [place])]
    used = {name for file in files for name in re.findall(r'Weight\(\s*"(\w+)"', file.read_text())}
    assert len(used) > 15
    assert [name for name in sorted(used) if f"`{name}`" not in told] == []


def test_the_tutorial(
    sekisho: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown: dict[str, str] = {}
    for words in commands(ROOT / "docs" / "tutorial.md"):
        match words[0]:
            case "cd":
                monkeypatch.chdir(words[1])
            case "cp":
                shutil.copy(words[1], words[2])
            case "sekisho":
                ran = sekisho(*words[1:])
                assert ran.status == 0, shlex.join(words) + ran.err
                assert max(map(len, ran.out.splitlines()), default=0) <= 80, shlex.join(words)
                shown[shlex.join(words[1:])] = " ".join(ran.out.split())
            case other:
                pytest.fail(f"the tutorial runs {other}")
    audit = shown["audit"]
    assert audit.startswith("13 unauthorized, 1 lapsed"), "thirteen"
    assert "12 of them critical" in audit, "twelve of the findings"
    worst = audit[audit.index("critical th-plant") :]
    assert "2020-05-26 13:54" in worst[:80]
    assert "381 MB" in worst[:200]
    assert "jp-hq-files01" in worst[:250]
    assert Path("report.html").stat().st_size > 50_000
    assert Path("incident.html").stat().st_size > 50_000
    assert "severs link:th-plant <-> jp-hq" in next(
        said for what, said in shown.items() if "plan" in what
    )
    assert "0 checked" in shown["fleet status"], "none has answered yet"
    assert "id-pdp agency" in shown["notify clocks INC-1"]
    assert shown["ledger verify"].startswith("The ledger is whole")
