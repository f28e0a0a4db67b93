from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def run(company: Path, sekisho: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *words: sekisho("--workspace", company, "investigate", *words)


def test_an_incident_from_opening_to_export(
    company: Path, sekisho: Callable[..., Any], run: Callable[..., Any], tmp_path: Path
) -> None:
    opened = run("open", "--host", "th-app02", "--title", "Rayong", "--format", "json")
    document = json.loads(opened.out)
    assert (document["schema"], document["id"]) == ("sekisho.incident/1", "INC-1")
    told = json.loads(run("show", "1", "--format", "json").out)
    assert (told["schema"], told["entry"]["address"]) == ("sekisho.investigation/1", "10.40.9.9")
    assert "It most likely began at 10.40.9.9" in run("show", "1", "--since", "2020-06-01").out
    for form, said in (
        ("timesketch-csv", "timestamp_desc"),
        ("timesketch-jsonl", '"datetime": "2020-'),
        ("stix", '"spec_version": "2.1"'),
        ("navigator", "enterprise-attack"),
        ("graphml", "<graphml"),
    ):
        file = tmp_path / form
        made = run("show", "1", "--format", form, "--output", file, "--tlp", "green")
        assert (made.status, said in file.read_text()) == (0, True)
    assert run("list", "--format", "graphml").status == 2
    listed = run("list")
    assert "INC-1" in listed.out
    assert run("note", "1", "rebuilt in May").out == "INC-1 N-1: noted\n"
    changed = run("note", "1", "--edit", "n-1", "rebuilt in June").out
    assert changed == "INC-1 N-1: changed, version 2; the others are kept\n"
    assert run("note", "1", "--edit", "2", "x").status == 2
    assert run("task", "1", "image the disk", "--assignee", "ken", "--due", "12h").out == (
        "INC-1 T-1: added\n"
    )
    assert run("task", "1", "--done", "t-1", "clean").out == "INC-1 T-1: done\n"
    assert run("assign", "inc-1", "ken").out == "INC-1: with ken\n"
    preserved = run("preserve", "1")
    assert "2 files preserved" in preserved.out
    assert len(json.loads(run("preserve", "1", "-f", "json").out)["evidence"]) == 2
    out = tmp_path / "out.zip"
    made = run("export", "1", "--out", out)
    assert (made.status, "2 files" in made.out) == (0, True)
    assert run("verify", out).status == 0
    damaged = bytearray(out.read_bytes())
    # Within the packed bytes of the first copy.
    damaged[damaged.index(b"evidence/") + 200] ^= 1
    out.write_bytes(damaged)
    assert run("verify", out).status == 5
    shown = sekisho("--workspace", company, "finding", "list")
    assert "INC-1" in shown.out
    finding = document["findings"][0]
    assert "INC-1" in sekisho("--workspace", company, "explain", finding).out
    ended = run("task", "1", "call Rayong").out and run("close", "1", "--why", "over")
    assert ended.out == "INC-1: closed, its evidence stays held; tasks that were not done: T-2\n"
    assert run("reopen", "1", "--why", "no").out == "INC-1: open\n"
    assert run("close", "1", "--why", "over", "--release").out.startswith(
        "INC-1: closed, its raw flows may be pruned"
    )
    assert "1 more" in run("list").out
    assert "INC-1" in run("list", "--status", "all", "-f", "csv").out


def test_a_seed_that_matches_nothing_is_told_in_full(run: Callable[..., Any]) -> None:
    ran = run("open", "--indicator", "evil.example")
    assert ran.status == 2
    assert "looked in everything recorded" in ran.err
    assert "no sensor logged names" in ran.err
    assert run("open").status == 2
    assert run("open", "--finding", "F-nothing").status == 2
    assert run("note", "7", "x").status == 2


def test_an_export_with_another_byte_is_not_whole(run: Callable[..., Any], tmp_path: Path) -> None:
    import zipfile

    run("open", "--host", "10.40.9.9")
    out, other = tmp_path / "out.zip", tmp_path / "other.zip"
    run("export", "1", "--out", out)
    with zipfile.ZipFile(out) as source, zipfile.ZipFile(other, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data + b"x" if name.startswith("evidence/") else data)
    ran = run("verify", other, "-f", "json")
    assert ran.status == 5
    assert json.loads(ran.out)["whole"] is False
