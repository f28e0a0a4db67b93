from __future__ import annotations

import json
import subprocess
import sys
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


def test_what_verifying_does_not_show_is_said(
    company: Path, sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    """Whoever writes a ledger anew writes what is kept beside it anew; and a torn end is no entry."""
    sekisho("--workspace", company, "audit")
    assert "held against what is kept beside it alone" in " ".join(
        sekisho("--workspace", company, "ledger", "verify").out.split()
    )
    file = next((company / "data").rglob("ledger*.jsonl"))
    with file.open("a") as stream:
        stream.write('{"at"')
    ran = sekisho("--workspace", company, "ledger", "verify")
    assert ran.status == 0
    assert "5 bytes of an entry that was never acknowledged" in " ".join(ran.out.split())
    with (company / "sekisho.toml").open("a") as settings:
        settings.write(f'\n[ledger]\nfile = "{tmp_path}/heads.txt"\n')
    assert sekisho("--workspace", company, "ledger", "publish").status == 0
    assert "beside it alone" not in " ".join(
        sekisho("--workspace", company, "ledger", "verify").out.split()
    )


def test_long_entries_are_cut_on_a_screen_only(company: Path, sekisho: Callable[..., Any]) -> None:
    sekisho("--workspace", company, "audit")
    shown = sekisho("--workspace", company, "ledger", "show").out
    entries = json.loads(sekisho("--workspace", company, "ledger", "show", "-f", "json").out)["entries"]
    assert any(len(json.dumps(e["body"])) > 160 for e in entries)
    assert "..." in shown
    assert len(shown.splitlines()) < 60


def test_from_a_head_outside_to_a_proof_and_an_export(
    company: Path, sekisho: Callable[..., Any], tmp_path: Path
) -> None:
    def ledger(*words: object) -> Any:
        return sekisho("--workspace", company, "ledger", *words)

    assert ledger("publish").status == 2
    with (company / "sekisho.toml").open("a") as file:
        file.write(f'\n[ledger]\nfile = "{tmp_path}/heads.txt"\n')
    said = json.loads(ledger("publish", "-f", "json").out)
    assert [one["state"] for one in said["witnesses"]] == ["published"]
    assert "had" in ledger("publish").out
    key = ledger("key").out.strip()
    assert key == said["head"]["key"]
    rotated = ledger("rotate").out.strip()
    assert rotated != key
    assert "published" in ledger("publish").out
    heads = tmp_path / "heads.txt"
    assert ledger("verify", "--head", heads, "--key", key).status == 0
    assert ledger("verify", "--key", "rubbish").status == 2
    assert ledger("prove").status == 2
    assert ledger("prove", "1", "--from", heads).status == 2
    assert ledger("prove", "1", "-o", tmp_path / "entry.json").status == 0
    consistency = ledger("prove", "--from", heads)
    (tmp_path / "consistency.json").write_text(consistency.out)
    assert ledger("export", tmp_path / "out").status == 0
    assert ledger("export", tmp_path / "out").status == 2
    for words in (
        ["ledger.jsonl", "--signed", str(heads), "--key", key],
        [str(tmp_path / "entry.json"), "--key", rotated],
        [str(tmp_path / "consistency.json"), "--signed", str(heads)],
    ):
        ran = subprocess.run(
            [sys.executable, "-I", "-S", "verify.py", *words],
            cwd=tmp_path / "out", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout


def test_a_witness_that_takes_nothing(company: Path, sekisho: Callable[..., Any]) -> None:
    with (company / "sekisho.toml").open("a") as file:
        file.write('\n[ledger]\nfile = "no/such/heads.txt"\n')
    ran = sekisho("--workspace", company, "ledger", "publish")
    assert (ran.status, "did not reach 1 witness" in ran.out) == (2, True)
