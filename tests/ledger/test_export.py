from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ledger.conftest import Signed

from sekisho.errors import RequestError
from sekisho.ledger.checkpoints import keep_token
from sekisho.ledger.export import export
from sekisho.ledger.ledger import FILE


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", "verify.py", FILE, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return ran.returncode, ran.stdout + ran.stderr


@pytest.fixture
def exported(signed: Signed, tmp_path: Path) -> Path:
    """Two signed heads, a time stamp, and what a crash left."""
    first = signed.sign()
    keep_token(signed.ledger.folder, first.checkpoint.size, b"token")
    with (signed.ledger.folder / FILE).open("ab") as stream:
        stream.write(b'{"half')
    signed.grow(4)
    newest = signed.sign()
    signed.grow(1)
    with (signed.ledger.folder / FILE).open("rb") as stream:
        end = sum(len(stream.readline()) for _ in range(newest.checkpoint.size))
    assert end < signed.ledger.head().end, "what came after the head stays out"
    target = tmp_path / "handed"
    export(signed.ledger, end, newest, target)
    return target


def test_it_verifies_with_nothing_but_what_is_in_it(exported: Path) -> None:
    status, said = run(exported, "--signed", "heads.txt")
    assert status == 0, said
    assert "no --key was given" in said
    key = (exported / "key.txt").read_text().strip()
    status, said = run(exported, "--signed", "heads.txt", "--key", key)
    assert (status, len(said.splitlines())) == (0, 1)
    assert len(list((exported / "timestamps").iterdir())) == 1
    assert len(list((exported / "torn").iterdir())) == 1
    assert "verify.py" in (exported / "README.txt").read_text()
    assert not (exported / "signing.key").exists()


@pytest.mark.parametrize("what", ["cut", "edit", "reorder", "fork", "rewrite"])
def test_what_was_done_to_it_shows(what: str, exported: Path) -> None:
    file = exported / FILE
    lines = file.read_bytes().splitlines(keepends=True)
    changed = {
        "cut": lines[:-1],
        "edit": [*lines[:2], lines[2].replace(b"anong", b"enong"), *lines[3:]],
        "reorder": [lines[0], lines[2], lines[1], *lines[3:]],
        "fork": [*lines[:3], lines[2], *lines[3:]],
        "rewrite": rewritten(lines),
    }[what]
    assert changed != lines
    file.write_bytes(b"".join(changed))
    status, said = run(exported, "--signed", "heads.txt")
    assert status == 5
    expected = {
        "cut": "[truncated]", "edit": "[edited]", "reorder": "[order]", "fork": "[fork]",
        "rewrite": "[replaced]",
    }  # fmt: skip
    assert expected[what] in said


def rewritten(lines: list[bytes]) -> list[bytes]:
    """Every hash and link made anew over a changed entry: only signed heads tell."""
    from sekisho.ledger.verifier import canonical, entry_hash

    made, prev = [], "0" * 64
    for line in lines:
        entry = json.loads(line)
        if entry["seq"] == 2:
            entry["by"] = "mallory"
        entry["prev"] = prev
        prev = entry["hash"] = entry_hash(entry)
        made.append(canonical(entry).encode() + b"\n")
    return made


def test_it_is_written_whole_or_not_at_all(signed: Signed, tmp_path: Path) -> None:
    head = signed.sign()
    (tmp_path / "there").mkdir()
    with pytest.raises(RequestError, match="exists"):
        export(signed.ledger, signed.ledger.head().end, head, tmp_path / "there")
    with pytest.raises(RequestError, match="cannot write"):
        export(signed.ledger, signed.ledger.head().end, head, tmp_path / "no" / "such")
    (signed.ledger.folder / FILE).unlink()
    with pytest.raises(RequestError, match="cannot write"):
        export(signed.ledger, signed.ledger.head().end, head, tmp_path / "fresh")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger", "there"]
