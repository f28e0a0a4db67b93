from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def run(company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    sekisho("--workspace", company, "investigate", "open", "--host", "th-app02", "--title", "Rayong")
    return lambda *words: sekisho("--workspace", company, "notify", *words)


def test_from_draft_to_review_to_delivery(
    run: Callable[..., Any], company: Path, tmp_path: Path
) -> None:
    key = tmp_path / "lee"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    public = key.with_name("lee.pub").read_text().strip()
    with (company / "sekisho.toml").open("a") as settings:
        settings.write(
            f'[people.lee]\nkeys = ["{public}"]\nroles = ["legal"]\n[notify]\nreview = true\n'
        )
    notice = tmp_path / "notice.pdf"
    written = run("draft", "1", "th-pdpa", "authority", "--out", notice)
    assert (written.status, "version 1" in written.err) == (0, True)
    assert notice.read_bytes().startswith(b"%PDF-")
    assert run("draft", "1", "th-pdpa", "authority").status == 2
    assert run("draft", "1", "th-pdpa", "authority", "--out", tmp_path / "a.odt").status == 2
    sent = ("deliver", "1", "th-pdpa", "authority", "--proof", notice)
    refused = run(*sent)
    assert (refused.status, "is not approved" in refused.err) == (4, True)
    name = "th-pdpa/authority"
    assert "version 1 sha256" in run("approve", "1", name, "--message").out
    assert run("approve", "1", name).status == 2
    assert "approved by lee" in run("approve", "1", name, "--key", key).out
    assert run(*sent).status == 0
    document = json.loads(run("drafts", "1", "--format", "json").out)
    assert document["schema"] == "sekisho.drafts/1"
    (one,) = document["drafts"]
    assert (one["document"], one["version"], [r["by"] for r in one["reviews"]]) == (name, 1, ["lee"])
    assert one["delivered"]
    assert "lee" in run("drafts", "1").out
    edited = tmp_path / "edited.docx"
    edited.write_bytes(b"x")
    assert "version 2" in run("draft", "1", "th-pdpa", "authority", "--from", edited).err


def test_a_statement_and_a_brief(run: Callable[..., Any], tmp_path: Path) -> None:
    page = tmp_path / "statement.html"
    assert "version 1" in run("statement", "1", "--out", page).err
    assert "概要" in page.read_text()
    assert "version 1" in run("brief", "1", "--out", tmp_path / "brief.docx").err
    page.write_text(page.read_text() + "<!-- edited -->")
    assert "version 2" in run("statement", "1", "--from", page).err
    loud = run("deliver", "1", "public-statement", "--proof", page)
    assert (loud.status, "NOT REVIEWED" in loud.out) == (0, True)
    assert run("deliver", "1", "jp-appi", "--proof", page).status == 2
