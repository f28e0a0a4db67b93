from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_there_and_back(company: Path, sekisho: Callable[..., Any], tmp_path: Path) -> None:
    before = json.loads(sekisho("--workspace", company, "audit", "-f", "json").out)
    first = before["findings"][0]["id"]
    sekisho("--workspace", company, "finding", "close", first, "--why", "rebuilt")
    file = tmp_path / "acme.backup"
    assert sekisho("--workspace", company, "backup", file).status == 0
    assert sekisho("--workspace", company, "backup", file).status == 2, "never overwritten"
    assert file.stat().st_mode & 0o077 == 0, "its owner's alone"
    back = tmp_path / "back"
    assert sekisho("restore-backup", file, back).status == 0
    after = json.loads(sekisho("--workspace", back, "audit", "-f", "json").out)
    assert [f["id"] for f in after["findings"]] == [f["id"] for f in before["findings"]]
    assert after["findings"][0]["life"]["status"] == "closed"
    assert sekisho("--workspace", back, "ledger", "verify").status == 0
    assert sekisho("restore-backup", file, back).status == 2, "into a new folder only"


def test_a_changed_backup_is_refused(
    company: Path, sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "acme.backup"
    sekisho("--workspace", company, "backup", file)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    ran = sekisho("restore-backup", file, tmp_path / "back")
    assert ran.status == 5
    file.write_bytes(b"not a backup")
    assert sekisho("restore-backup", file, tmp_path / "back2").status in (2, 5)


def test_a_name_that_leaves_the_folder(sekisho: Callable[..., Any], tmp_path: Path) -> None:
    evil = tmp_path / "evil.txt"
    evil.write_text("x")
    for name in ("../out.txt", "/tmp/out.txt", "a/../../out.txt"):
        file = tmp_path / "evil.tar"
        with tarfile.open(file, "w") as tar:
            tar.add(evil, arcname=name)
        assert sekisho("restore-backup", file, tmp_path / "back").status != 0
        assert not (tmp_path / "out.txt").exists()
